// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { spanText } from '@/app/(authed)/orders/components/drawer/latency'
import { judge, type Proof, type ProofPage, verdict } from '@/app/(authed)/orders/components/drawer/proofs'
import { parseExact } from '@/lib/json'
import { leafHash } from '@/lib/leafhash'
import { type Policy, parsePolicy, sha256 } from '@/lib/note'
import type { AuditEntry } from '@/lib/types'
import { line, type Signer, signer } from './support/notes'

// The example of docs/audit.md.
const entry = parseExact(
  '{"log_seq":1000,"event_id":"0199f0a5-7d0c-7000-8000-000000000e01","order_id":"0199f0a5-7d0c-7000-8000-000000000001","trader_id":"0199f000-0000-7000-8000-00000000000a","trader_seq":42,"action":"FILLED","status":"PARTIAL","execution_state":"WORKING","symbol":"AAPL","quantity":50,"price":150.45,"total_filled":50,"average_price":150.45,"venue":"SIM","reason":"LATE","message":"50 at 150.45 – \\"späte\\" Ausführung","actor":"executor","timestamp":"2025-10-17T12:01:05.000000Z","recorded_at":"2025-10-17T12:01:05.002500Z","hash":"0ec70f6f343048ff7ace3f0767e14ee4998fbc11d42425e8c23723ac2fa02ed5","side":"BUY","venue_exec_id":"E-1001","trace_id":"101112131415161718191a1b1c1d1e1f"}',
) as AuditEntry

// A log of two entries, of which the example is the second.
const log = await signer('oxe.test/log', 1)
const witness = await signer('witness.test', 4)
const first = Buffer.alloc(32, 7)
const leaf = Buffer.from(entry.hash, 'hex')
const mine = { ...entry, log_seq: 2 }
const ours = await parsePolicy(`log ${log.verifier}\nquorum none\n`)
const theirs = await parsePolicy(`log ${log.verifier}\nwitness w ${witness.verifier}\nquorum w\n`)

async function checkpoint(second: Uint8Array, ...others: Signer[]): Promise<string> {
  const root = await sha256(Uint8Array.of(1), first, second)
  const text = `oxe.test/log\n2\n${Buffer.from(root).toString('base64')}\n`
  return `${text}\n${[log, ...others].map((one) => line(one, text)).join('')}`
}

const proofs = [{ log_seq: 2, hashes: [first.toString('base64')] }]

const hash = await leafHash(mine)
const recorded = { ...mine, hash }
const head = await checkpoint(Buffer.from(hash, 'hex'))
const one = async (pages: ProofPage[], policy: Policy | null, what: AuditEntry = recorded) => {
  const judgement = await judge([what], pages, policy)
  return [judgement.proofs.get(what.log_seq), judgement.doubt, verdict([what], judgement)?.text]
}

describe('proofs of the trail', () => {
  test('an entry is proved by its path to a root that the log has signed', async () => {
    expect(await one([{ checkpoint: head, proofs }], ours)).toEqual(['proved', null, '1 of 1 proved'])
  })

  test('an entry that was changed does not match, whatever the proof', async () => {
    const wrong = ['different', null, '1 of 1 does not match']
    expect(await one([{ checkpoint: head, proofs }], ours, { ...recorded, quantity: 51_00000000n })).toEqual(wrong)
    expect(await one([], null, { ...recorded, message: null })).toEqual(wrong)
    // Its hash recomputed, too: then it is not the one in the tree.
    const forged = { ...recorded, message: null }
    forged.hash = await leafHash(forged)
    expect(await one([{ checkpoint: head, proofs }], ours, forged)).toEqual(wrong)
  })

  test('what no checkpoint covers waits', async () => {
    const waits = ['waiting', null, '0 of 1 proved, 1 waiting for a checkpoint']
    expect(await one([{ checkpoint: head, proofs: [] }], ours)).toEqual(waits)
    expect(await one([{ checkpoint: null, proofs: [] }], ours)).toEqual(waits)
    expect(await one([], ours)).toEqual(waits)
  })

  test('a proof of another log, a broken one, and one without a checkpoint prove nothing', async () => {
    const other = await checkpoint(leaf)
    expect(await one([{ checkpoint: other, proofs }], ours)).toEqual(['different', null, '1 of 1 does not match'])
    const broken = [{ log_seq: 2, hashes: ['####'] }]
    expect((await one([{ checkpoint: head, proofs: broken }], ours))[0]).toBe('different')
    expect((await one([{ checkpoint: null, proofs }], ours))[0]).toBe('waiting')
  })

  test('a signature that is not the log’s is told of', async () => {
    const stranger = await parsePolicy(`log ${(await signer('oxe.test/log', 1)).verifier}\nquorum none\n`)
    expect(await one([{ checkpoint: head, proofs }], stranger)).toEqual([
      'different',
      'signature',
      'The log is not signed by the keys that are trusted here',
    ])
    expect((await one([{ checkpoint: 'nonsense', proofs }], ours))[1]).toBe('malformed')
  })

  test('without its witnesses a checkpoint is waited for', async () => {
    expect(await one([{ checkpoint: head, proofs }], theirs)).toEqual([
      'waiting',
      'quorum',
      'Waiting for the log’s witnesses',
    ])
    const cosigned = await checkpoint(Buffer.from(hash, 'hex'), witness)
    expect((await one([{ checkpoint: cosigned, proofs }], theirs))[0]).toBe('proved')
  })

  test('without keys a right hash is all that is said', async () => {
    expect(await one([], null)).toEqual(['equal', null, '1 of 1 hashes recomputed here and equal'])
  })

  test('the verdict waits for all of them', () => {
    const two = [recorded, { ...recorded, log_seq: 3 }]
    const said = (...known: Proof[]) =>
      verdict(two, { doubt: null, proofs: new Map(known.map((proof, i) => [2 + i, proof])) })
    expect(said('proved')).toBe(null)
    expect(said('proved', 'proved')).toEqual({ ok: true, text: '2 of 2 proved' })
    expect(said('proved', 'waiting')).toEqual({ ok: true, text: '1 of 2 proved, 1 waiting for a checkpoint' })
    expect(said('different', 'waiting')).toEqual({ ok: false, text: '1 of 2 does not match' })
    expect(said('different', 'different')).toEqual({ ok: false, text: '2 of 2 do not match' })
    expect(said('proved', 'impossible')?.ok).toBe(false)
  })
})

test.each([
  [0n, '0.0 ms'],
  [1_784n, '1.7 ms'],
  [99_999n, '99.9 ms'],
  [412_000n, '412 ms'],
  [4_621_668n, '4.62 s'],
  [37_288_547n, '37.2 s'],
  [192_000_000n, '3 m 12 s'],
  [7_560_000_000n, '2 h 06 m'],
  [345_600_000_000n, '4 d'],
  [-2_000n, '−2.0 ms'],
])('%d µs are told as %s', (us, text) => {
  expect(spanText(us)).toBe(text)
})
