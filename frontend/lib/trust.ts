// SPDX-License-Identifier: Apache-2.0
// Which keys this browser believes the audit log by: those that it saw first, until somebody says otherwise. A policy that is read anew each
// time would be believed from whoever has taken the server.
import { type Policy, parsePolicy } from './note'

const PLACE = 'oxe.audit'

export interface Trust {
  policy: Policy | null // null: this server names no keys
  since: string // when it was seen first
  other: string | null // what the server says now, where it is not what was seen first
}

interface Pinned {
  text: string
  since: string
}

export function pinned(): Pinned | null {
  try {
    const kept = JSON.parse(localStorage.getItem(PLACE) ?? 'null')
    return typeof kept?.text === 'string' && typeof kept.since === 'string' ? kept : null
  } catch {
    return null
  }
}

export function trust(text: string): Pinned {
  const kept = { text, since: new Date().toISOString() }
  try {
    localStorage.setItem(PLACE, JSON.stringify(kept))
  } catch {} // storage is barred: trusted for this page alone
  return kept
}

// Null: the server has none.
async function told(): Promise<string | null> {
  const response = await fetch('/audit-policy', { cache: 'no-store' })
  if (response.status === 404) return null
  if (!response.ok) throw new Error(`the policy: ${response.status}`)
  return response.text()
}

// Rejects when the server does not answer, or what is trusted cannot be read any more.
export async function readTrust(): Promise<Trust> {
  const text = await told()
  const first = pinned()
  if (text === null && first === null) return { policy: null, since: '', other: null }
  if (text !== null && first === null && (await parsePolicy(text)) === null) throw new Error('the policy is none')
  const kept = first ?? trust(text as string)
  const policy = await parsePolicy(kept.text)
  if (policy === null) throw new Error('the policy that was trusted is none')
  return { policy, since: kept.since, other: text === kept.text ? null : (text ?? '') }
}
