// SPDX-License-Identifier: Apache-2.0
// The leaf hash of an audit entry, after docs/audit.md: SHA-256 of a zero byte and the encoding of the entry's 22 fields.
import type { AuditEntry } from './types'

type Kind = 'number' | 'uuid' | 'text' | 'decimal' | 'bytes' | 'instant'

const VERSION = 1

// In the order of the encoding.
const fields: [Exclude<keyof AuditEntry, 'hash'>, Kind][] = [
  ['log_seq', 'number'],
  ['event_id', 'uuid'],
  ['order_id', 'uuid'],
  ['trader_id', 'uuid'],
  ['trader_seq', 'number'],
  ['action', 'text'],
  ['status', 'text'],
  ['execution_state', 'text'],
  ['symbol', 'text'],
  ['side', 'text'],
  ['quantity', 'decimal'],
  ['price', 'decimal'],
  ['total_filled', 'decimal'],
  ['average_price', 'decimal'],
  ['venue', 'text'],
  ['venue_exec_id', 'text'],
  ['reason', 'text'],
  ['message', 'text'],
  ['actor', 'text'],
  ['trace_id', 'bytes'],
  ['timestamp', 'instant'],
  ['recorded_at', 'instant'],
]

// Microseconds since 1970 of the API's time text; a Date holds milliseconds only.
export function micros(iso: string): bigint {
  const fraction = (/\.(\d+)/.exec(iso)?.[1] ?? '').padEnd(6, '0').slice(0, 6)
  return BigInt(Date.parse(`${iso.slice(0, 19)}Z`)) * 1000n + BigInt(fraction)
}

function eight(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, value)
  return bytes
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16))
}

function sized(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(4 + bytes.length)
  new DataView(whole.buffer).setUint32(0, bytes.length)
  whole.set(bytes, 4)
  return whole
}

function encodeField(kind: Kind, value: string | number | bigint): Uint8Array {
  switch (kind) {
    case 'number':
    case 'decimal': // a bigint of 1e-8 already
      return eight(BigInt(value))
    case 'uuid':
      return hex(String(value).replaceAll('-', ''))
    case 'instant':
      return eight(micros(String(value)))
    case 'bytes':
      return sized(hex(String(value)))
    case 'text':
      return sized(new TextEncoder().encode(String(value)))
  }
}

export function encodeEntry(entry: AuditEntry): Uint8Array {
  const pieces: Uint8Array[] = [Uint8Array.of(VERSION)]
  for (const [name, kind] of fields) {
    const value = entry[name]
    if (value === null || value === '') pieces.push(Uint8Array.of(0))
    else pieces.push(Uint8Array.of(1), encodeField(kind, value))
  }
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

export async function leafHash(entry: AuditEntry): Promise<string> {
  const encoded = encodeEntry(entry)
  const leaf = new Uint8Array(1 + encoded.length)
  leaf.set(encoded, 1)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', leaf))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
