// SPDX-License-Identifier: Apache-2.0
'use client'
// One entry with every field, its ids and the proof of its hash.
import { useState } from 'react'
import { Icon } from '@/components/Icon'
import { Note } from '@/components/Note'
import { decimalText } from '@/lib/decimal'
import { count, figure } from '@/lib/format'
import type { AuditEntry } from '@/lib/types'
import type { Proof } from './useAudit'

const spaced = (iso: string) => iso.replace('T', ' ')
const pair = (...parts: (string | null)[]) => parts.filter((part) => part !== null).join(', ') || null

// As the API gives it: the decimals are numbers, with all their digits.
function entryJson(entry: AuditEntry): string {
  const MARK = '\u0000'
  const text = JSON.stringify(
    entry,
    (_key, value) => (typeof value === 'bigint' ? `${MARK}${decimalText(value)}${MARK}` : value),
    2,
  )
  return text.replace(/"\\u0000([^"\\]*)\\u0000"/g, '$1')
}

export function EntryInspector({
  entry,
  proof,
  onTrail,
  onClose,
}: {
  entry: AuditEntry
  proof: Proof | null
  onTrail(orderId: string): void
  onClose(): void
}) {
  const facts: [string, string | null][] = [
    ['Trader’s seq', entry.trader_seq === null ? null : count(entry.trader_seq)],
    ['Side', entry.side],
    [
      'Quantity, price',
      entry.quantity === null
        ? null
        : `${figure(entry.quantity)}${entry.price === null ? '' : ` at ${figure(entry.price, 2)}`}`,
    ],
    [
      'Filled in total',
      entry.total_filled === null
        ? null
        : `${figure(entry.total_filled)}${entry.average_price === null ? '' : `, average ${figure(entry.average_price, 2)}`}`,
    ],
    ['After it', pair(entry.execution_state, entry.status)],
    ['Venue, execution', pair(entry.venue, entry.venue_exec_id)],
    ['Actor', entry.actor],
    ['Reason', entry.reason],
    ['Message', entry.message],
  ]
  const ids: [string, string | null][] = [
    ['Order', entry.order_id],
    ['Trader', entry.trader_id],
    ['Event', entry.event_id],
    ['Trace', entry.trace_id],
  ]
  const { order_id } = entry
  return (
    <>
      <div className="ph">
        <h2>
          Entry <span className="num">{count(entry.log_seq)}</span>
        </h2>
        <span className="grow" />
        <button type="button" className="ibtn" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div className="insp">
        <div className="row head">
          <b className="b">{entry.action}</b>
          <span className="t2 num">
            {entry.quantity !== null && figure(entry.quantity)} {entry.symbol}
            {entry.price !== null && ` at ${figure(entry.price, 2)}`}
          </span>
        </div>
        <dl className="kv num">
          <dt>Happened</dt>
          <dd>{spaced(entry.timestamp)}</dd>
          <dt>Recorded</dt>
          <dd>{spaced(entry.recorded_at)}</dd>
          {facts.map(([name, value], index) => (
            <Fact key={name} name={name} value={value} ruled={index === 0} />
          ))}
        </dl>
        <dl className="ids">
          {ids.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className={value ? 'mono' : 't3'}>{value ?? '–'}</dd>
            </div>
          ))}
        </dl>
        <div className="lbl hashname">Leaf hash (RFC 9162), as the server gives it</div>
        <div className="hash">{entry.hash}</div>
        <div className="proofnote">
          {proof === 'equal' && (
            <div className="note">
              <Icon name="shield" />
              <div>
                <b>Equal to the hash of these fields.</b> Recomputed here from the 22 fields after docs/audit.md. That
                the log has this hash shows in its order’s drawer, or with oxectl audit prove.
              </div>
            </div>
          )}
          {proof === 'different' && (
            <Note kind="e" title="Not the hash of these fields.">
              What is shown is not what was recorded. Keep this entry as JSON, and report it.
            </Note>
          )}
          {proof === null && <div className="note">Computing the hash of these fields…</div>}
        </div>
        <div className="row acts">
          <button
            type="button"
            className="btn sm"
            aria-disabled={order_id === null}
            onClick={() => order_id && onTrail(order_id)}
          >
            Trail of the order
          </button>
          <CopyJson key={entry.log_seq} text={() => entryJson(entry)} />
        </div>
      </div>
    </>
  )
}

function Fact({ name, value, ruled }: { name: string; value: string | null; ruled: boolean }) {
  return (
    <>
      <dt className={ruled ? 'ruled' : undefined}>{name}</dt>
      <dd
        className={`${ruled ? 'ruled ' : ''}${value ? (name === 'Message' ? 'wrap' : '') : 't3'}`}
        title={value ?? undefined}
      >
        {value ?? '–'}
      </dd>
    </>
  )
}

function CopyJson({ text }: { text(): string }) {
  const [said, setSaid] = useState('Copy as JSON')
  return (
    <button
      type="button"
      className="btn sm ghost"
      onClick={() =>
        navigator.clipboard.writeText(text()).then(
          () => setSaid('Copied'),
          () => setSaid('Cannot copy here'),
        )
      }
    >
      <span aria-live="polite">{said}</span>
    </button>
  )
}
