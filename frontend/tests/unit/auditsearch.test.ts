// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { everything, judge } from '@/app/(authed)/compliance/components/search'

const id = '0199f0a5-6b21-7c08-9d10-2e6f60d1a7b9'

describe('a search of the log', () => {
  it('for everything asks without filters', () => expect(judge(everything, true)).toEqual({ query: {}, faults: {} }))
  it('takes ids as they are copied, and times as they are written', () =>
    expect(
      judge(
        { trader: ` ${id.toUpperCase()} `, order: id, action: 'FILLED', from: '2026-11-24 11:27', to: '2026-11-25' },
        true,
      ),
    ).toEqual({
      query: {
        trader_id: id,
        order_id: id,
        action: 'FILLED',
        from: '2026-11-24T11:27:00.000Z',
        to: '2026-11-25T00:00:00.000Z',
      },
      faults: {},
    }))
  it.each([
    ['trader', 'alice'],
    ['order', '…a7b9'],
    ['from', '24.11.2026'],
    ['to', 'soon'],
  ])('names the fault of %s', (field, text) =>
    expect(Object.keys(judge({ ...everything, [field]: text }, true).faults)).toEqual([field]),
  )
  it('does not end before it begins', () =>
    expect(judge({ ...everything, from: '2026-11-25', to: '2026-11-24' }, true).faults.to).toBeDefined())
})
