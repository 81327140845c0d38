// SPDX-License-Identifier: Apache-2.0
'use client'
// The order's audit trail: who did what, how long after the step before, and whether the entry's hash is the hash of what it says.
import { Icon } from '@/components/Icon'
import { Note } from '@/components/Note'
import { clock, day, figure, money } from '@/lib/format'
import { useSettings } from '@/lib/settings'
import type { AuditEntry, Order, Problem } from '@/lib/types'
import { averageText, type Digits, quantityText, reservedOf } from '../blotter/figures'
import { after } from './latency'
import { type Proof, verdict } from './proofs'
import { useProofs } from './useProofs'

interface Props {
  order: Order
  digits: Digits
  entries: AuditEntry[]
  loading: boolean
  error: Problem | null
}

export function Timeline({ order, digits, entries, loading, error }: Props) {
  const { trusted, trustAnew, ...judgement } = useProofs(order.id, entries)
  const all = verdict(entries, judgement)
  const utc = useSettings((settings) => settings.utc)
  return (
    <>
      <h3>
        Audit trail{' '}
        <span className="t3">
          {loading && entries.length === 0
            ? 'loading'
            : `${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}`}
        </span>
        <span className="grow" />
        {all && (
          <span className={`row verdict ${all.ok ? 't2' : 'err'}`} role={all.ok ? undefined : 'alert'}>
            <Icon name={all.ok ? 'shield' : 'error'} />
            {all.text}
          </span>
        )}
      </h3>
      {error && (
        <div className="dnote">
          <Note kind="e" title={error.title}>
            {error.detail}
          </Note>
        </div>
      )}
      {trusted && trusted.other !== null && (
        <div className="dnote">
          <Note
            kind="w"
            title="The keys of the audit log have changed."
            actions={
              trusted.other !== '' && (
                <button type="button" className="btn sm" onClick={trustAnew}>
                  Trust the new keys
                </button>
              )
            }
          >
            Since {day(trusted.since, utc)} this browser trusts others than the server now names, and goes on checking
            by those. Ask operations whether they were changed on purpose.
          </Note>
        </div>
      )}
      <ol className="tl">
        {entries.map((entry, index) => (
          <Step
            key={entry.log_seq}
            entry={entry}
            before={entries[index - 1]}
            attempt={entries.slice(0, index + 1).filter((one) => one.action === 'EXECUTED').length}
            order={order}
            digits={digits}
            proof={judgement.proofs.get(entry.log_seq)}
          />
        ))}
      </ol>
    </>
  )
}

const points: Partial<Record<AuditEntry['action'], string>> = {
  FILLED: 'f',
  EXECUTED: 'a',
  ACKNOWLEDGED: 'a',
  RETRIED: 'w',
  IN_DOUBT: 'w',
  CANCEL_REQUESTED: 'w',
  CANCEL_REJECTED: 'w',
  REJECTED: 'e',
}

const good = { proved: true, equal: true }

const words: Record<Proof, string> = {
  proved: 'proved',
  waiting: 'waiting for a checkpoint',
  equal: 'recomputed',
  different: 'does not match',
  impossible: '–',
}

function Step(props: {
  entry: AuditEntry
  before: AuditEntry | undefined
  attempt: number
  order: Order
  digits: Digits
  proof: Proof | undefined
}) {
  const { entry, before, proof } = props
  const utc = useSettings((settings) => settings.utc)
  const date = day(entry.timestamp, utc)
  const otherDay = date !== day((before?.timestamp ?? new Date().toISOString()) as string, utc)
  const detail = detailOf(props)
  return (
    <li data-action={entry.action}>
      <span className={`pt ${points[entry.action] ?? ''}`} />
      <time className="num t2" dateTime={entry.timestamp} title={`recorded ${clock(entry.recorded_at, utc, 6)}`}>
        {clock(entry.timestamp, utc, 6)}
        {otherDay && <span className="d">{date}</span>}
      </time>
      <div className="what">
        <b>{entry.action}</b> {whatOf(props)}
        {detail && <div className="d num">{detail}</div>}
      </div>
      <div>
        <div className="lat num">{before && `+${after(before, entry)}`}</div>
        <span className={`proof${proof === 'different' ? ' err' : ''}`}>
          <span className="mono" title={entry.hash}>
            {entry.hash.slice(0, 8)}
          </span>
          {proof && proof in good && <Icon name="check" />}
          {proof && words[proof]}
        </span>
      </div>
    </li>
  )
}

function whatOf({ entry, digits }: { entry: AuditEntry; digits: Digits }): string {
  if (entry.action === 'FILLED' && entry.quantity !== null && entry.price !== null) {
    return `${quantityText(entry.quantity, digits)} at ${figure(entry.price, digits.price)}`
  }
  return entry.reason ?? `by ${entry.actor}`
}

function detailOf({
  entry,
  attempt,
  order,
  digits,
}: {
  entry: AuditEntry
  attempt: number
  order: Order
  digits: Digits
}): string | null {
  switch (entry.action) {
    case 'SUBMITTED': {
      const price = order.price === null ? '' : ` ${figure(order.price, digits.price)}`
      return `${order.side} ${quantityText(order.quantity, digits)} ${order.symbol} ${order.order_type}${price} ${order.time_in_force}`
    }
    case 'APPROVED': {
      const reserved = reservedOf({ ...order, execution_state: 'ADMITTED', filled_quantity: 0n }, false)
      return reserved === null ? entry.message : `${money(reserved)} reserved`
    }
    case 'EXECUTED':
      return entry.message ?? `sent to ${entry.venue ?? 'the exchange'}, attempt ${attempt}`
    case 'FILLED': {
      if (entry.total_filled === null) return entry.message
      const average = entry.average_price === null ? '' : `, average ${averageText(entry.average_price, digits)}`
      const flag = entry.reason ? ` · ${entry.reason}` : ''
      return `${quantityText(entry.total_filled, digits)} of ${quantityText(order.quantity, digits)}${average}${flag}`
    }
    default:
      return entry.message
  }
}
