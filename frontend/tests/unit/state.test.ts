// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { stateWord } from '@/lib/state'
import type { ExecutionState, OrderStatus } from '@/lib/types'

const table = readFileSync(new URL('../../../proto/order_state.def', import.meta.url), 'utf8')
const pairs = [...table.matchAll(/^STATE\((\w+), (\w+), (?:BEGINS|LATER),/gm)].map(
  ([, state, status]) => `${state} ${status}`,
)

// Every pair that an order can be in, and its word; the second where a cancel was asked for.
const words: Record<string, [string, string]> = {
  'ADMITTED PENDING': ['ACCEPTED', 'CANCEL REQUESTED'],
  'SENT PENDING': ['SENT', 'CANCEL REQUESTED'],
  'WORKING PENDING': ['WORKING', 'CANCEL REQUESTED'],
  'WORKING PARTIAL': ['PARTIAL', 'CANCEL REQUESTED'],
  'IN_DOUBT PENDING': ['IN DOUBT', 'CANCEL REQUESTED'],
  'IN_DOUBT PARTIAL': ['IN DOUBT', 'CANCEL REQUESTED'],
  'DONE FILLED': ['FILLED', 'FILLED'],
  'DONE REJECTED': ['REJECTED', 'REJECTED'],
  'DONE CANCELLED': ['CANCELLED', 'CANCELLED'],
  'DONE EXPIRED': ['EXPIRED', 'EXPIRED'],
}

describe('the word of a state', () => {
  test('is known for every pair of proto/order_state.def', () => {
    expect(pairs.length).toBe(10)
    expect(pairs.sort()).toEqual(Object.keys(words).sort())
  })
  test.each(Object.entries(words))('%s is %j', (pair, [plain, asked]) => {
    const [execution_state, status] = pair.split(' ') as [ExecutionState, OrderStatus]
    expect(stateWord({ status, execution_state, cancel_requested_at: null })).toBe(plain)
    expect(stateWord({ status, execution_state, cancel_requested_at: '2026-11-24T11:42:07.000000Z' })).toBe(asked)
  })
})
