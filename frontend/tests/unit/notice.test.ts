// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { noticeOf, type Situation } from '@/app/(authed)/orders/components/frame/notice'
import type { OwnHalt } from '@/lib/types'

const now = Date.parse('2026-11-24T11:42:07Z')
const live: Situation = {
  connection: {
    state: 'live',
    since: now - 60_000,
    lastFetchAt: now - 9000,
    pricesAt: now - 600,
    tries: 0,
    nextTryAt: null,
  },
  halts: [],
  symbol: 'AAPL',
  now,
  utc: true,
}
const halt = (change: Partial<OwnHalt>): OwnHalt => ({
  id: 'h',
  scope: 'SYMBOL',
  symbol: 'AAPL',
  reason: 'News pending, desk decision 14',
  created_at: '2026-11-24T11:40:00Z',
  ...change,
})
const connection = (change: Partial<Situation['connection']>): Situation => ({
  ...live,
  connection: { ...live.connection, ...change },
})
const text = (situation: Situation): string | undefined => {
  const notice = noticeOf(situation)
  return notice ? `${notice.title} ${notice.text} [${notice.action?.name ?? ''}]` : undefined
}

test('nothing is said while all is well, or while the first seconds may yet mend it', () => {
  expect(noticeOf(live)).toBeNull()
  expect(noticeOf(connection({ state: 'reconnecting' }))).toBeNull()
  expect(noticeOf(connection({ state: 'connecting', pricesAt: null }))).toBeNull()
  expect(noticeOf(connection({ pricesAt: now - 10_000 }))).toBeNull()
})

test('offline', () => {
  const state = connection({
    state: 'offline',
    since: now - 8000,
    lastFetchAt: now - 8000,
    tries: 3,
    nextTryAt: now + 3500,
  })
  expect(text(state)).toBe(
    'No connection to OXE since 11:41:59. All figures are 8 s old. Orders at the exchange go on working. Reconnecting: try 3 in 4 s. [Try now]',
  )
})

test('polling', () => {
  const state = connection({ state: 'polling', lastFetchAt: now - 2000, tries: 4, nextTryAt: now + 8000 })
  expect(text(state)).toBe(
    'Live updates are down. Orders and account are fetched every 5 s, last 2 s ago. You can submit and cancel as usual. Reconnecting: try 4 in 8 s. [Reconnect now]',
  )
})

test('a try that runs has no time to wait for', () => {
  expect(text(connection({ state: 'polling', tries: 5, nextTryAt: now - 1 }))).toContain('Reconnecting: try 5. [')
})

test('old prices', () => {
  expect(text(connection({ pricesAt: now - 14_000 }))).toBe(
    'Prices are 14 s old. Orders are live, but last prices have not changed since 11:41:53. Look before you send a MARKET order. [Fetch now]',
  )
})

test('a halt of the instrument on the screen, of the person, of all', () => {
  const rest = '‘News pending, desk decision 14’. New orders are refused; cancels work. []'
  expect(text({ ...live, halts: [halt({})] })).toBe(`AAPL is halted. ${rest}`)
  expect(text({ ...live, halts: [halt({ symbol: 'MSFT' })] })).toBeUndefined()
  expect(text({ ...live, halts: [halt({}), halt({ scope: 'TRADER', symbol: null })] })).toBe(
    `Your trading is halted. ${rest}`,
  )
  expect(text({ ...live, halts: [halt({ scope: 'ALL', symbol: null })] })).toBe(`Trading is halted. ${rest}`)
})

test('who is offline is told that first', () => {
  expect(noticeOf({ ...connection({ state: 'offline' }), halts: [halt({})] })?.title).toContain('No connection')
  expect(noticeOf({ ...connection({ state: 'polling' }), halts: [halt({})] })?.title).toBe('AAPL is halted.')
})
