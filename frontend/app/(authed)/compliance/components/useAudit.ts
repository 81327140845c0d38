// SPDX-License-Identifier: Apache-2.0
// Entries of the log as a search gives them, oldest first, page by page; and whether each hash is that of its fields.
import { useCallback, useEffect, useRef, useState } from 'react'
import { api, read } from '@/lib/api'
import { leafHash } from '@/lib/leafhash'
import type { AuditEntry } from '@/lib/types'
import type { AuditQuery } from './search'

export const PAGE = 100
export const ENTRIES_MAX = 10_000

export type Proof = 'equal' | 'different'

interface Found {
  entries: AuditEntry[]
  cursor: string | null
  loading: boolean
  error: unknown
  at: number | null
}

const nothing: Found = { entries: [], cursor: null, loading: true, error: null, at: null }

export function useAudit(query: AuditQuery) {
  const [found, setFound] = useState<Found>(nothing)
  const run = useRef(0)

  const ask = useCallback(
    async (cursor: string | null) => {
      const mine = run.current
      setFound((was) => ({ ...was, loading: true }))
      try {
        const page = await read(
          api.GET('/api/v1/audit', { params: { query: { ...query, limit: PAGE, ...(cursor ? { cursor } : {}) } } }),
        )
        if (mine !== run.current) return
        setFound((was) => ({
          entries: [...was.entries, ...page.entries],
          cursor: page.next_cursor,
          loading: false,
          error: null,
          at: Date.now(),
        }))
      } catch (error) {
        if (mine === run.current) setFound((was) => ({ ...was, loading: false, error }))
      }
    },
    [query],
  )

  useEffect(() => {
    run.current += 1
    setFound(nothing)
    ask(null)
  }, [ask])

  return {
    ...found,
    full: found.entries.length >= ENTRIES_MAX,
    more: () => {
      if (!found.loading) ask(found.entries.length > 0 ? found.cursor : null)
    },
  }
}

// By log_seq. An entry of the log never changes, so a proof is made once.
export function useProofs(entries: AuditEntry[]): ReadonlyMap<number, Proof> {
  const [proofs, setProofs] = useState<ReadonlyMap<number, Proof>>(new Map())
  const known = useRef(proofs)
  useEffect(() => {
    let live = true
    const open = entries.filter((entry) => !known.current.has(entry.log_seq))
    Promise.all(
      open.map(
        async (entry) => [entry.log_seq, (await leafHash(entry)) === entry.hash ? 'equal' : 'different'] as const,
      ),
    ).then((made) => {
      if (!live || made.length === 0) return
      known.current = new Map([...known.current, ...made])
      setProofs(known.current)
    })
    return () => {
      live = false
    }
  }, [entries])
  return proofs
}
