// SPDX-License-Identifier: Apache-2.0
// The hash against the example of docs/audit.md, read from the page itself: the two must not drift apart.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseDecimal } from '@/lib/decimal'
import { encodeEntry, leafHash, micros } from '@/lib/leafhash'
import type { AuditEntry } from '@/lib/types'

const page = readFileSync(new URL('../../../docs/audit.md', import.meta.url), 'utf8')
const decimals = ['quantity', 'price', 'total_filled', 'average_price']
const text = (/```json\n(\{.*\})\n```/.exec(page)?.[1] ?? '').replace(/":(-?\d+\.?\d*)/g, '":"$1"')
const example = JSON.parse(text, (key, value) =>
  decimals.includes(key) ? parseDecimal(value) : key.endsWith('_seq') ? Number(value) : value,
) as AuditEntry
const encoding = (/```\n(01\n(?:[0-9a-f]+\n)+)```/.exec(page)?.[1] ?? '').replaceAll('\n', '')

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

describe('leaf hash', () => {
  it('encodes the example as the page does', () => {
    expect(encoding.length).toBeGreaterThan(400)
    expect(hex(encodeEntry(example))).toBe(encoding)
  })
  it('is the hash that the page gives', async () => {
    expect(await leafHash(example)).toBe(example.hash)
  })
  it.each([
    ['quantity', 5_000_000_001n],
    ['message', null],
    ['side', 'SELL'],
    ['timestamp', '2025-10-17T12:01:05.000001Z'],
    ['trader_seq', 43],
  ])('changes with %s', async (field, value) => {
    expect(await leafHash({ ...example, [field]: value })).not.toBe(example.hash)
  })
  it('counts microseconds exactly', () => {
    expect(micros('2025-10-17T12:01:05.002500Z') - micros('2025-10-17T12:01:05.000000Z')).toBe(2500n)
    expect(micros('2025-10-17T12:01:05Z')).toBe(1_760_702_465_000_000n)
  })
})
