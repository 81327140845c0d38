'use client'
// The leaf hash of each entry, computed here from what the entry says and compared with the hash that came with it.
import { useEffect, useState } from 'react'
import { leafHash } from '@/lib/leafhash'
import type { AuditEntry } from '@/lib/types'

export type Proof = 'equal' | 'different' | 'impossible'

export async function proofOf(entry: AuditEntry): Promise<Proof> {
  try {
    return (await leafHash(entry)) === entry.hash ? 'equal' : 'different'
  } catch {
    return 'impossible' // no crypto.subtle: the page came by plain HTTP from another machine
  }
}

export function useProofs(entries: AuditEntry[]): ReadonlyMap<number, Proof> {
  const [proofs, setProofs] = useState<ReadonlyMap<number, Proof>>(new Map())
  useEffect(() => {
    let current = true
    void Promise.all(entries.map(async (entry) => [entry.log_seq, await proofOf(entry)] as const)).then(
      (all) => current && setProofs(new Map(all)),
    )
    return () => {
      current = false
    }
  }, [entries])
  return proofs
}

// What the head of the trail says of all of them; null while they are being computed.
export function verdict(
  entries: AuditEntry[],
  proofs: ReadonlyMap<number, Proof>,
): { text: string; ok: boolean } | null {
  if (entries.length === 0 || entries.some((entry) => !proofs.has(entry.log_seq))) return null
  const count = (proof: Proof) => entries.filter((entry) => proofs.get(entry.log_seq) === proof).length
  const wrong = count('different')
  const all = entries.length
  if (wrong > 0) return { ok: false, text: `${wrong} of ${all} hashes ${wrong === 1 ? 'does' : 'do'} not match` }
  if (count('impossible') > 0) return { ok: false, text: 'This browser cannot recompute hashes here' }
  return { ok: true, text: `${all} of ${all} hashes recomputed here and equal` }
}
