// SPDX-License-Identifier: Apache-2.0
'use client'
// Instruments with their last prices, and what the prices did.
import { useMemo } from 'react'
import useSWR from 'swr'
import { api, read } from '../api'
import { foldPrice } from '../prices'
import { useDesk } from '../store'
import type { Bar, BarInterval, Instrument } from '../types'
import { every } from './usePolled'

const none: Instrument[] = []

export function useInstruments(): { instruments: Instrument[]; loading: boolean } {
  const instruments = useDesk((desk) => desk.instruments)
  return { instruments: instruments ?? none, loading: instruments === null }
}

export function useInstrument(symbol: string | null): Instrument | null {
  return useDesk((desk) => desk.instruments?.find((instrument) => instrument.symbol === symbol) ?? null)
}

// missing: none have come, and not because there are none.
export function useBars(
  symbol: string | null,
  interval: BarInterval,
): { bars: Bar[]; loading: boolean; missing: boolean } {
  const { data, error, isLoading } = useSWR(
    symbol && ['bars', symbol, interval],
    async () => {
      const { bars } = await read(
        api.GET('/api/v1/instruments/{symbol}/bars', {
          params: { path: { symbol: symbol as string }, query: { interval, limit: 1000 } },
        }),
      )
      return { symbol, interval, bars: bars.reverse() }
    },
    { ...every(30_000), keepPreviousData: false },
  )
  const price = useInstrument(symbol)?.last_price ?? null
  const at = useInstrument(symbol)?.last_price_at ?? null
  const bars = useMemo(() => {
    const known = data?.bars ?? []
    return price !== null && at !== null && data ? foldPrice(known, interval, price, at) : known
  }, [data, interval, price, at])
  return { bars, loading: isLoading, missing: error !== undefined && data === undefined }
}
