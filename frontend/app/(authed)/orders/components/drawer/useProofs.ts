// SPDX-License-Identifier: Apache-2.0
'use client'
// The proofs of a trail, asked for until every entry has one.
import { useCallback, useEffect, useState } from 'react'
import { askAgain } from '@/lib/again'
import { api, read } from '@/lib/api'
import { readTrust, type Trust, trust } from '@/lib/trust'
import type { AuditEntry } from '@/lib/types'
import { type Judgement, judge, type ProofPage } from './proofs'

async function readPages(orderId: string, entries: number): Promise<ProofPage[]> {
  const pages: ProofPage[] = []
  let cursor: string | undefined
  do {
    const page = await read(
      api.GET('/api/v1/orders/{id}/proofs', { params: { path: { id: orderId }, query: { cursor } } }),
    )
    pages.push(page)
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined && pages.length <= entries)
  return pages
}

const nothing: Judgement = { proofs: new Map(), doubt: null }

export function useProofs(
  orderId: string,
  entries: AuditEntry[],
): Judgement & { trusted: Trust | null; trustAnew(): void } {
  const [judgement, setJudgement] = useState(nothing)
  const [trusted, setTrusted] = useState<Trust | null>(null)
  const [asked, setAsked] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is trusted anew is judged anew
  useEffect(() => {
    if (entries.length === 0) return
    let over = false
    const stop = askAgain(async () => {
      try {
        const told = await readTrust()
        const pages = told.policy === null ? [] : await readPages(orderId, entries.length)
        const judged = await judge(entries, pages, told.policy)
        if (over) return false
        setTrusted(told)
        setJudgement(judged)
        return [...judged.proofs.values()].includes('waiting')
      } catch {
        return true // no answer: what is shown stays, and it is asked again
      }
    })
    return () => {
      over = true
      stop()
    }
  }, [orderId, entries, asked])
  const other = trusted?.other
  const trustAnew = useCallback(() => {
    if (!other) return
    trust(other)
    setAsked((times) => times + 1)
  }, [other])
  return { ...judgement, trusted, trustAnew }
}
