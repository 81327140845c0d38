// SPDX-License-Identifier: Apache-2.0
'use client'
// The entries that are loaded, oldest first. Only the rows in sight are in the page once there are many.
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useRef } from 'react'
import { Icon } from '@/components/Icon'
import { clock, count, day, figure } from '@/lib/format'
import { micros } from '@/lib/leafhash'
import type { AuditEntry } from '@/lib/types'
import { distance } from './distance'
import type { Proof } from './useAudit'

const ROW = 26
const VIRTUAL_FROM = 200

const tones: Partial<Record<AuditEntry['action'], string>> = {
  FILLED: 't1 b',
  REJECTED: 'err b',
  CANCEL_REJECTED: 'err',
  RETRIED: 'warn',
  IN_DOUBT: 'warn b',
  HALTED: 'warn b',
  RESOLVED: 't1',
  CANCEL_REQUESTED: 't1',
}

const decimals = (value: bigint | null, least = 0) => (value === null ? '–' : figure(value, least))

export function EntryTable({
  entries,
  proofs,
  chosen,
  utc,
  loading,
  onChoose,
}: {
  entries: AuditEntry[]
  proofs: ReadonlyMap<number, Proof>
  chosen: number | null
  utc: boolean
  loading: boolean
  onChoose(seq: number): void
}) {
  const box = useRef<HTMLDivElement>(null)
  const virtual = entries.length > VIRTUAL_FROM
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
    enabled: virtual,
  })
  const items = rows.getVirtualItems()
  const first = virtual ? (items[0]?.index ?? 0) : 0
  const end = virtual ? (items[items.length - 1]?.index ?? -1) + 1 : entries.length
  const oneDay = new Set(entries.map((entry) => day(entry.timestamp, utc))).size <= 1

  function step(by: number) {
    const at = entries.findIndex((entry) => entry.log_seq === chosen)
    const index = Math.min(entries.length - 1, Math.max(0, at + by))
    const next = entries[index]
    if (!next) return
    onChoose(next.log_seq)
    if (virtual) rows.scrollToIndex(index)
    requestAnimationFrame(() => {
      const button = box.current?.querySelector<HTMLElement>(`[data-seq="${next.log_seq}"] button`)
      button?.focus()
      button?.scrollIntoView({ block: 'nearest' })
    })
  }

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls must be reachable by keyboard
    <section ref={box} className="entries" tabIndex={0} aria-label="Entries" aria-busy={loading}>
      <table
        aria-rowcount={entries.length + 1}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
          event.preventDefault()
          step(event.key === 'ArrowDown' ? 1 : -1)
        }}
      >
        <caption className="vh">Entries of the audit log, oldest first</caption>
        <colgroup>
          {[70, oneDay ? 124 : 136, 68, 124, 46, 62, 72, 58, 60, 46, 130, 40, 92].map((width, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the columns never change places
            <col key={index} style={{ width }} />
          ))}
          <col />
        </colgroup>
        <thead>
          <tr>
            <th scope="col" className="r">
              No.
            </th>
            <th scope="col">Happened</th>
            <th scope="col" className="r">
              Recorded
            </th>
            <th scope="col">Action</th>
            <th scope="col">Trader</th>
            <th scope="col">Order</th>
            <th scope="col">Symbol</th>
            <th scope="col" className="r">
              Quantity
            </th>
            <th scope="col" className="r">
              Price
            </th>
            <th scope="col" className="r">
              Filled
            </th>
            <th scope="col">After it</th>
            <th scope="col">Venue</th>
            <th scope="col">Actor</th>
            <th scope="col" className="r">
              Hash
            </th>
          </tr>
        </thead>
        <tbody>
          {first > 0 && <tr className="gap" style={{ height: first * ROW }} />}
          {entries.slice(first, end).map((entry, index) => (
            <EntryRow
              key={entry.log_seq}
              entry={entry}
              index={first + index}
              proof={proofs.get(entry.log_seq) ?? null}
              chosen={entry.log_seq === chosen}
              utc={utc}
              dated={!oneDay}
              onChoose={onChoose}
            />
          ))}
          {virtual && end < entries.length && <tr className="gap" style={{ height: (entries.length - end) * ROW }} />}
          {loading && entries.length === 0 && <Skeleton />}
        </tbody>
      </table>
    </section>
  )
}

const EntryRow = memo(function EntryRow({
  entry,
  index,
  proof,
  chosen,
  utc,
  dated,
  onChoose,
}: {
  entry: AuditEntry
  index: number
  proof: Proof | null
  chosen: boolean
  utc: boolean
  dated: boolean
  onChoose(seq: number): void
}) {
  const after = [entry.execution_state, entry.status].filter(Boolean).join(', ')
  return (
    <tr
      className={chosen ? 'sel' : undefined}
      data-seq={entry.log_seq}
      data-action={entry.action}
      aria-rowindex={index + 2}
      onClick={() => onChoose(entry.log_seq)}
    >
      <td className="r num t2">
        <button type="button" aria-pressed={chosen} aria-label={`Entry ${count(entry.log_seq)}, ${entry.action}`}>
          {count(entry.log_seq)}
        </button>
      </td>
      <td className="num" title={entry.timestamp}>
        {dated && <span className="t3">{day(entry.timestamp, utc).slice(5)} </span>}
        {clock(entry.timestamp, utc, dated ? 3 : 6)}
      </td>
      <td className="r num t3" title={entry.recorded_at}>
        {distance(micros(entry.recorded_at) - micros(entry.timestamp))}
      </td>
      <td className={`action ${tones[entry.action] ?? 't2'}`} title={entry.action}>
        {entry.action}
      </td>
      <td className="mono t2" title={entry.trader_id ?? undefined}>
        {entry.trader_id ? `…${entry.trader_id.slice(-4)}` : '–'}
      </td>
      <td className="mono t2" title={entry.order_id ?? undefined}>
        {entry.order_id ? `…${entry.order_id.slice(-6)}` : '–'}
      </td>
      <td className="b">{entry.symbol ?? '–'}</td>
      <td className="r num">{decimals(entry.quantity)}</td>
      <td className="r num">{decimals(entry.price, 2)}</td>
      <td className="r num">{decimals(entry.total_filled)}</td>
      <td className="t2 after" title={after}>
        {after}
      </td>
      <td className="t2">{entry.venue}</td>
      <td className="t2" title={entry.actor}>
        {entry.actor}
      </td>
      <td className="r">
        <span className="proof">
          <span className={`mono${proof === 'different' ? ' err' : ''}`} title={entry.hash}>
            {entry.hash.slice(0, 8)}
          </span>
          {proof === 'equal' && <Icon name="check" />}
          {proof === 'different' && (
            <span className="err" title="not the hash of these fields">
              ≠
            </span>
          )}
          <span className="vh">
            {proof === 'equal'
              ? 'equal to the hash of its fields'
              : proof === 'different'
                ? 'not the hash of its fields'
                : ''}
          </span>
        </span>
      </td>
    </tr>
  )
})

function Skeleton() {
  return Array.from({ length: 12 }, (_, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
    <tr key={row}>
      {Array.from({ length: 14 }, (_, cell) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <td key={cell}>
          <span className="sk" style={{ width: '70%' }} />
        </td>
      ))}
    </tr>
  ))
}
