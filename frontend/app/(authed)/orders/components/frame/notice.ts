// SPDX-License-Identifier: Apache-2.0
// What the banner says. One thing at a time, the worst first: who is offline need not know that prices are old.
import { age, clock } from '@/lib/format'
import type { Connection } from '@/lib/hooks/useConnection'
import type { OwnHalt } from '@/lib/types'

export const STALE_MS = 10_000

export interface Notice {
  kind: 'error' | 'caution'
  title: string
  text: string
  action: null | { name: string; does: 'reconnect' | 'fetch prices' }
}

export interface Situation {
  connection: Pick<Connection, 'state' | 'since' | 'lastFetchAt' | 'pricesAt' | 'tries' | 'nextTryAt'>
  halts: OwnHalt[]
  symbol: string | null
  now: number
  utc: boolean
}

export function noticeOf({ connection, halts, symbol, now, utc }: Situation): Notice | null {
  const { state, since, lastFetchAt, pricesAt } = connection
  const at = (ms: number): string => clock(new Date(ms).toISOString(), utc)
  if (state === 'offline')
    return {
      kind: 'error',
      title: `No connection to OXE since ${at(since)}.`,
      text: `All figures are ${age(now - (lastFetchAt ?? since))} old. Orders at the exchange go on working. ${again(connection, now)}`,
      action: { name: 'Try now', does: 'reconnect' },
    }
  const halt = halts.find((one) => one.scope !== 'SYMBOL') ?? halts.find((one) => one.symbol === symbol)
  if (halt)
    return {
      kind: 'error',
      title: `${halted(halt)} halted.`,
      text: `‘${halt.reason}’. New orders are refused; cancels work.`,
      action: null,
    }
  if (state === 'polling')
    return {
      kind: 'caution',
      title: 'Live updates are down.',
      text: `Orders and account are fetched every 5 s${lastFetchAt === null ? '' : `, last ${age(now - lastFetchAt)} ago`}. You can submit and cancel as usual. ${again(connection, now)}`,
      action: { name: 'Reconnect now', does: 'reconnect' },
    }
  if (state === 'live' && pricesAt !== null && now - pricesAt > STALE_MS)
    return {
      kind: 'caution',
      title: `Prices are ${age(now - pricesAt)} old.`,
      text: `Orders are live, but last prices have not changed since ${at(pricesAt)}. Look before you send a MARKET order.`,
      action: { name: 'Fetch now', does: 'fetch prices' },
    }
  return null
}

function halted({ scope, symbol }: OwnHalt): string {
  if (scope === 'ALL') return 'Trading is'
  return scope === 'TRADER' ? 'Your trading is' : `${symbol} is`
}

function again({ tries, nextTryAt }: Situation['connection'], now: number): string {
  const at = nextTryAt !== null && nextTryAt > now ? ` in ${age(nextTryAt - now + 999)}` : ''
  return `Reconnecting: try ${Math.max(1, tries)}${at}.`
}
