// SPDX-License-Identifier: Apache-2.0
// Signed notes, checkpoints and the policy by which a checkpoint is believed (C2SP signed-note, tlog-checkpoint, tlog-cosignature and
// tlog-policy), verified here with the browser's own Ed25519. Whatever is not understood is refused, never passed over.

export interface VerifierKey {
  name: string
  kind: 'log' | 'cosignature'
  id: string // hexadecimal
  key: Uint8Array<ArrayBuffer>
}

export interface Note {
  text: string // what is signed, with its last line feed
  signatures: { name: string; id: string; value: Uint8Array<ArrayBuffer> }[]
}

export interface Checkpoint {
  origin: string
  size: bigint // entries
  root: Uint8Array<ArrayBuffer>
}

type Member = { witness: VerifierKey } | { threshold: number; members: Member[] }

export interface Policy {
  logs: VerifierKey[]
  quorum: Member | null // null: no cosignature is asked for
}

const KEY_BYTES = 32
const HASH_BYTES = 32
const SIGNATURE_BYTES = 64
const TIME_BYTES = 8
const kinds = { 1: 'log', 4: 'cosignature' } as const

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

// Null: it is no base64, or not as it is written.
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const binary = atob(text)
    return btoa(binary) === text ? Uint8Array.from(binary, (char) => char.charCodeAt(0)) : null
  } catch {
    return null
  }
}

export async function sha256(...parts: Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole))
}

// "NAME+ID+BASE64". Null: it is none, or its id is not that of its name and key.
export async function parseVerifierKey(text: string): Promise<VerifierKey | null> {
  const parts = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text)
  const bytes = parts && fromBase64(parts[3] as string)
  if (!parts || !bytes || bytes.length !== 1 + KEY_BYTES) return null
  const [, name, id] = parts as unknown as [string, string, string]
  const kind = kinds[bytes[0] as keyof typeof kinds]
  if (!kind || toHex((await sha256(encode(`${name}\n`), bytes)).subarray(0, 4)) !== id) return null
  return { name, kind, id, key: bytes.slice(1) }
}

export function parseNote(bytes: string): Note | null {
  const end = bytes.lastIndexOf('\n\n')
  if (end < 0 || !bytes.endsWith('\n')) return null
  const signatures: Note['signatures'] = []
  for (const line of bytes.slice(end + 2, -1).split('\n')) {
    const parts = /^\u2014 (\S+) (\S+)$/.exec(line)
    const value = parts && fromBase64(parts[2] as string)
    if (!parts || !value || value.length < 5) return null
    signatures.push({ name: parts[1] as string, id: toHex(value.subarray(0, 4)), value: value.slice(4) })
  }
  return { text: bytes.slice(0, end + 1), signatures }
}

export function parseCheckpoint(text: string): Checkpoint | null {
  const parts = /^([^\n]+)\n(0|[1-9][0-9]{0,18})\n([^\n]+)\n/.exec(text)
  const root = parts && fromBase64(parts[3] as string)
  if (!parts || !root || root.length !== HASH_BYTES) return null
  return { origin: parts[1] as string, size: BigInt(parts[2] as string), root }
}

async function verifies(note: Note, key: VerifierKey): Promise<boolean> {
  const signature = note.signatures.find(({ name, id }) => name === key.name && id === key.id)
  if (!signature) return false
  let { value } = signature
  let text = note.text
  if (key.kind === 'cosignature') {
    if (value.length !== TIME_BYTES + SIGNATURE_BYTES) return false
    text = `cosignature/v1\ntime ${new DataView(value.buffer).getBigUint64(0)}\n${text}`
    value = value.slice(TIME_BYTES)
  }
  const own = await crypto.subtle.importKey('raw', key.key, { name: 'Ed25519' }, false, ['verify'])
  return crypto.subtle.verify({ name: 'Ed25519' }, own, value, encode(text))
}

async function fulfils(note: Note, member: Member): Promise<boolean> {
  if ('witness' in member) return verifies(note, member.witness)
  const met = await Promise.all(member.members.map((one) => fulfils(note, one)))
  return met.filter(Boolean).length >= member.threshold
}

export type Belief = { checkpoint: Checkpoint } | { doubt: 'malformed' | 'signature' | 'quorum' }

// The checkpoint, if the policy believes it: signed by a log's key that has the checkpoint's origin as its name, and cosigned by the quorum.
export async function believe(bytes: string, policy: Policy): Promise<Belief> {
  const note = parseNote(bytes)
  const checkpoint = note && parseCheckpoint(note.text)
  if (!note || !checkpoint) return { doubt: 'malformed' }
  const keys = policy.logs.filter(({ name }) => name === checkpoint.origin)
  const signed = await Promise.all(keys.map((key) => verifies(note, key)))
  if (!signed.some(Boolean)) return { doubt: 'signature' }
  if (policy.quorum && !(await fulfils(note, policy.quorum))) return { doubt: 'quorum' }
  return { checkpoint }
}

// Null: it is none, by the rules of tlog-policy.
export async function parsePolicy(text: string): Promise<Policy | null> {
  const logs: VerifierKey[] = []
  const names = new Map<string, Member>()
  const grouped = new Set<string>()
  let quorum: Member | null | undefined
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.split(/[ \t]+/).filter(Boolean)
    if (word === undefined || word.startsWith('#')) continue
    if (word === 'log' && (rest.length === 1 || rest.length === 2)) {
      const key = await parseVerifierKey(rest[0] as string)
      if (key?.kind !== 'log' || isKnown(logs, key)) return null
      logs.push(key)
    } else if (word === 'witness' && (rest.length === 2 || rest.length === 3)) {
      const [name, written] = rest as [string, string]
      const key = await parseVerifierKey(written)
      const others = [...names.values()].flatMap((one) => ('witness' in one ? [one.witness] : []))
      if (key?.kind !== 'cosignature' || isKnown(others, key) || names.has(name) || name === 'none') return null
      names.set(name, { witness: key })
    } else if (word === 'group' && rest.length >= 3) {
      const [name, rule, ...listed] = rest as [string, string, ...string[]]
      const members = listed.map((one) => names.get(one))
      const threshold = rule === 'any' ? 1 : rule === 'all' ? listed.length : /^[1-9][0-9]?$/.test(rule) ? +rule : 0
      const twice = listed.some((one, i) => grouped.has(one) || listed.indexOf(one) !== i)
      if (threshold < 1 || threshold > listed.length || twice || names.has(name) || name === 'none') return null
      if (members.includes(undefined)) return null
      for (const one of listed) grouped.add(one)
      names.set(name, { threshold, members: members as Member[] })
    } else if (word === 'quorum' && rest.length === 1 && quorum === undefined) {
      quorum = rest[0] === 'none' ? null : names.get(rest[0] as string)
      if (quorum === undefined) return null
    } else return null
  }
  return quorum === undefined || logs.length === 0 ? null : { logs, quorum }
}

const isKnown = (keys: VerifierKey[], { key }: VerifierKey): boolean =>
  keys.some((one) => toHex(one.key) === toHex(key))
