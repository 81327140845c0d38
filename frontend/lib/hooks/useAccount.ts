'use client'
// The account, its positions and the halts that bind it.
import useSWR from 'swr'
import { api, problemOf, read } from '../api'
import type { Account, OwnHalt, Position, Problem } from '../types'

export function useAccount(): { account: Account | null; at: number | null; error: Problem | null } {
  const { data, error } = useSWR(
    'account',
    async () => ({ account: await read(api.GET('/api/v1/account')), at: Date.now() }),
    { refreshInterval: 1000 },
  )
  return { account: data?.account ?? null, at: data?.at ?? null, error: problemOf(error) }
}

export function usePositions(): { positions: Position[]; loading: boolean } {
  const { data, isLoading } = useSWR('positions', () => read(api.GET('/api/v1/positions')), { refreshInterval: 1000 })
  return { positions: data?.positions ?? [], loading: isLoading }
}

export function useHalts(): OwnHalt[] {
  const { data } = useSWR('halts', () => read(api.GET('/api/v1/halts')), { refreshInterval: 5000 })
  return data?.halts ?? []
}
