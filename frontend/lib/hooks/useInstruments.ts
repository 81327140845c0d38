'use client'
// Instruments with their last prices, and what the prices did.
import useSWR from 'swr'
import { api, read } from '../api'
import type { Bar, BarInterval, Instrument } from '../types'

export function useInstruments(): { instruments: Instrument[]; loading: boolean } {
  const { data, isLoading } = useSWR('instruments', () => read(api.GET('/api/v1/instruments')), {
    refreshInterval: 1000,
  })
  return { instruments: data?.instruments ?? [], loading: isLoading }
}

export function useInstrument(symbol: string | null): Instrument | null {
  return useInstruments().instruments.find((instrument) => instrument.symbol === symbol) ?? null
}

export function useBars(symbol: string | null, interval: BarInterval): { bars: Bar[]; loading: boolean } {
  const { data, isLoading } = useSWR(symbol && ['bars', symbol, interval], () =>
    read(
      api.GET('/api/v1/instruments/{symbol}/bars', {
        params: { path: { symbol: symbol as string }, query: { interval } },
      }),
    ),
  )
  return { bars: data ? [...data.bars].reverse() : [], loading: isLoading }
}
