// SPDX-License-Identifier: Apache-2.0
'use client'
// The proofs of a trail, asked for until every entry has one.
import { useCallback, useEffect, useState } from 'react'
import { api, read } from '@/lib/api'
import { readTrust, type Trust, trust } from '@/lib/trust'
import type { AuditEntry } from '@/lib/types'
import { type Judgement, judge, type ProofPage } from './proofs'

const AGAIN_MS = 1500 // a checkpoint comes within a second of the entries

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
    let timer: ReturnType<typeof setTimeout> | undefined
    const run = async () => {
      let again = true
      try {
        const told = await readTrust()
        const pages = told.policy === null ? [] : await readPages(orderId, entries.length)
        const judged = await judge(entries, pages, told.policy)
        if (over) return
        setTrusted(told)
        setJudgement(judged)
        again = [...judged.proofs.values()].includes('waiting')
      } catch {
        // No answer: what is shown stays, and it is asked again.
      }
      if (!over && again) timer = setTimeout(run, AGAIN_MS)
    }
    void run()
    return () => {
      over = true
      clearTimeout(timer)
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
