// SPDX-License-Identifier: Apache-2.0
'use client'
// The account, its positions and the halts that bind it. Between two answers what hangs on prices is reckoned with the live ones, by
// the server's own formulas: equity moves by quantity times the change of the last price.
import { useMemo } from 'react'
import useSWR from 'swr'
import { api, read } from '../api'
import { multiply } from '../decimal'
import { useDesk } from '../store'
import type { Account, Instrument, OwnHalt, Position, Problem } from '../types'
import { every } from './usePolled'

const noPositions: Position[] = []
const noHalts: OwnHalt[] = []

export function atLivePrice(position: Position, instruments: Instrument[] | null): Position {
  const price = instruments?.find(({ symbol }) => symbol === position.symbol)?.last_price
  if (price === null || price === undefined || price === position.last_price) return position
  const change = multiply(position.quantity, price - position.last_price)
  return {
    ...position,
    last_price: price,
    market_value: position.market_value + change,
    unrealized_pnl: position.unrealized_pnl + change,
  }
}

export function useAccount(): { account: Account | null; at: number | null; error: Problem | null } {
  const account = useDesk((desk) => desk.account)
  const positions = useDesk((desk) => desk.positions)
  const instruments = useDesk((desk) => desk.instruments)
  const at = useDesk((desk) => desk.accountAt)
  const error = useDesk((desk) => desk.accountError)
  const live = useMemo(() => {
    if (!account || !positions) return account
    const change = positions.reduce((sum, p) => sum + atLivePrice(p, instruments).market_value - p.market_value, 0n)
    if (change === 0n) return account
    const day_pnl = account.day_pnl + change
    return {
      ...account,
      equity: account.equity + change,
      day_pnl,
      usage: { ...account.usage, daily_loss: day_pnl < 0n ? -day_pnl : 0n },
    }
  }, [account, positions, instruments])
  return { account: live, at, error }
}

export function usePositions(): { positions: Position[]; loading: boolean } {
  const positions = useDesk((desk) => desk.positions)
  const instruments = useDesk((desk) => desk.instruments)
  const live = useMemo(
    () => positions?.map((p) => atLivePrice(p, instruments)) ?? noPositions,
    [positions, instruments],
  )
  return { positions: live, loading: positions === null }
}

// No event tells of a halt, so they are asked for; a refusal for one asks at once (mutate('halts')).
export function useHalts(): OwnHalt[] {
  const { data } = useSWR('halts', () => read(api.GET('/api/v1/halts')), every(5000))
  return data?.halts ?? noHalts
}
