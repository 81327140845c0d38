// SPDX-License-Identifier: Apache-2.0
// What is known of each entry of a trail: that its hash is the hash of what it says, that the log has this hash, and that those who are
// trusted have signed the log. All of it is computed here; nothing that the server says of a proof is believed.
import { isIncluded } from '@/lib/inclusion'
import { leafHash } from '@/lib/leafhash'
import { type Belief, believe, fromBase64, type Policy } from '@/lib/note'
import type { AuditEntry, InclusionProof } from '@/lib/types'

// equal: its hash is right, and this server names no keys to check more by. impossible: no crypto.subtle, since the page came by plain HTTP
// from another machine.
export type Proof = 'proved' | 'waiting' | 'equal' | 'different' | 'impossible'

type Doubt = 'malformed' | 'signature' | 'quorum' | null

export interface Judgement {
  proofs: ReadonlyMap<number, Proof> // by log_seq
  doubt: Doubt // about a checkpoint
}

// One page of the answer of GET …/proofs.
export interface ProofPage {
  checkpoint: string | null
  proofs: InclusionProof[]
}

const fromHex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16))

async function judgeEntry(entry: AuditEntry, pages: ProofPage[], beliefs: (Belief | null)[] | null): Promise<Proof> {
  const leaf = await leafHash(entry)
  if (leaf !== entry.hash) return 'different'
  if (beliefs === null) return 'equal'
  for (const [i, page] of pages.entries()) {
    const proof = page.proofs.find(({ log_seq }) => log_seq === entry.log_seq)
    const belief = beliefs[i]
    if (!proof || !belief) continue
    if ('doubt' in belief) return belief.doubt === 'quorum' ? 'waiting' : 'different'
    const path = proof.hashes.map(fromBase64)
    if (path.includes(null)) return 'different'
    const holds = await isIncluded(fromHex(leaf), BigInt(entry.log_seq) - 1n, path as Uint8Array[], belief.checkpoint)
    return holds ? 'proved' : 'different'
  }
  return 'waiting'
}

export async function judge(entries: AuditEntry[], pages: ProofPage[], policy: Policy | null): Promise<Judgement> {
  try {
    const beliefs =
      policy && (await Promise.all(pages.map(({ checkpoint }) => checkpoint && believe(checkpoint, policy))))
    const known = beliefs?.map((belief) => belief || null) ?? null
    const all = entries.map(async (entry) => [entry.log_seq, await judgeEntry(entry, pages, known)] as const)
    const doubt = known?.find((belief) => belief && 'doubt' in belief) as { doubt: Doubt } | undefined
    return { proofs: new Map(await Promise.all(all)), doubt: doubt?.doubt ?? null }
  } catch {
    return { proofs: new Map(entries.map(({ log_seq }) => [log_seq, 'impossible'])), doubt: null }
  }
}

// What the head of the trail says of all of them; null while they are being computed.
export function verdict(entries: AuditEntry[], { proofs, doubt }: Judgement): { text: string; ok: boolean } | null {
  if (entries.length === 0 || entries.some((entry) => !proofs.has(entry.log_seq))) return null
  const count = (proof: Proof) => entries.filter((entry) => proofs.get(entry.log_seq) === proof).length
  const all = entries.length
  const wrong = count('different')
  const waiting = count('waiting')
  if (doubt === 'signature') return { ok: false, text: 'The log is not signed by the keys that are trusted here' }
  if (doubt === 'malformed') return { ok: false, text: 'The log’s checkpoint cannot be read' }
  if (wrong > 0) return { ok: false, text: `${wrong} of ${all} ${wrong === 1 ? 'does' : 'do'} not match` }
  if (count('impossible') > 0) return { ok: false, text: 'This browser cannot check proofs here' }
  if (doubt === 'quorum') return { ok: true, text: 'Waiting for the log’s witnesses' }
  if (waiting > 0) return { ok: true, text: `${all - waiting} of ${all} proved, ${waiting} waiting for a checkpoint` }
  if (count('equal') > 0) return { ok: true, text: `${all} of ${all} hashes recomputed here and equal` }
  return { ok: true, text: `${all} of ${all} proved` }
}
