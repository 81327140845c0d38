// SPDX-License-Identifier: Apache-2.0
'use client'
// Compliance: everyone's audit trail, each entry with the proof of its hash, and the export of it.
import { useId, useMemo, useState } from 'react'
import { DeskFrame } from '@/components/DeskFrame'
import { Icon } from '@/components/Icon'
import { Note } from '@/components/Note'
import { NoAnswer, Refusal } from '@/lib/api'
import { useAuth } from '@/lib/auth/context'
import { count, zone } from '@/lib/format'
import { usePolled } from '@/lib/hooks/usePolled'
import { micros } from '@/lib/leafhash'
import { useSettings } from '@/lib/settings'
import type { AuditEntry } from '@/lib/types'
import { AuditSearch } from './components/AuditSearch'
import { distance } from './components/distance'
import { EntryInspector } from './components/EntryInspector'
import { EntryTable } from './components/EntryTable'
import { ExportLine, useExport } from './components/ExportMenu'
import { readHead } from './components/head'
import { everything, judge, keepInAddress, type Search, searchOfAddress } from './components/search'
import { ENTRIES_MAX, PAGE, type Proof, useAudit, useProofs } from './components/useAudit'

export default function CompliancePage() {
  const auth = useAuth()
  if (auth.role === 'compliance') return <Compliance />
  return (
    <DeskFrame needs="compliance" latestAt={null} failed={false} className="comp">
      {null}
    </DeskFrame>
  )
}

const textOf = (entry: AuditEntry) =>
  Object.values(entry)
    .map((value) => (value === null ? '' : String(value)))
    .join(' ')
    .toLowerCase()

function Compliance() {
  const utc = useSettings((state) => state.utc)
  const [search, setSearch] = useState<Search>(() => searchOfAddress(utc))
  const { query } = useMemo(() => judge(search, utc), [search, utc])
  const audit = useAudit(query)
  const proofs = useProofs(audit.entries)
  const exporting = useExport(query)
  const [find, setFind] = useState('')
  const [chosen, setChosen] = useState<number | null>(null)
  const findId = useId()

  const needle = find.trim().toLowerCase()
  const shown = useMemo(
    () => (needle ? audit.entries.filter((entry) => textOf(entry).includes(needle)) : audit.entries),
    [audit.entries, needle],
  )
  const entry = audit.entries.find((one) => one.log_seq === chosen) ?? null

  function go(next: Search) {
    keepInAddress(next)
    setSearch(next)
    setChosen(null)
  }

  return (
    <DeskFrame
      needs="compliance"
      latestAt={audit.at}
      failed={audit.error instanceof NoAnswer}
      readOnly
      className="comp"
    >
      <section className="pane" aria-label="Audit trail">
        <AuditSearch
          search={search}
          utc={utc}
          exporting={exporting.state?.kind === 'running'}
          onSearch={go}
          onExport={exporting.start}
        />
        {exporting.state && (
          <ExportLine state={exporting.state} onStop={exporting.stop} onDismiss={exporting.dismiss} />
        )}
        <Figures entries={audit.entries} proofs={proofs} whole={!query.trader_id && !query.order_id && !query.action} />
        {audit.error !== null && (
          <div className="auditfault">
            <Note
              kind="e"
              title={audit.error instanceof Refusal ? undefined : 'No answer in time.'}
              actions={
                <button type="button" className="link" onClick={audit.more}>
                  Try again
                </button>
              }
            >
              {audit.error instanceof Refusal ? audit.error.problem.detail : 'What is shown was loaded before.'}
            </Note>
          </div>
        )}
        <div className="tw">
          <EntryTable
            entries={shown}
            proofs={proofs}
            chosen={chosen}
            utc={utc}
            loading={audit.loading}
            onChoose={setChosen}
          />
          {!audit.loading && audit.error === null && shown.length === 0 && (
            <div className="empty" role="status">
              <b>No entries match.</b>
              {needle && audit.entries.length > 0
                ? `None of the ${count(audit.entries.length)} that are loaded has ‘${find.trim()}’.`
                : 'Nothing was recorded in this time that fits the filters.'}
              <button type="button" className="link" onClick={() => (needle ? setFind('') : go(everything))}>
                {needle ? 'Clear the search in the page' : 'Search the whole log'}
              </button>
            </div>
          )}
        </div>
        <div className="tfoot">
          <span className="num" role="status">
            {count(audit.entries.length)} {audit.entries.length === 1 ? 'entry' : 'entries'} loaded, oldest first
            {needle && `, ${count(shown.length)} shown`}
          </span>
          {audit.cursor !== null && !audit.full && (
            <button type="button" className="link" aria-disabled={audit.loading} onClick={audit.more}>
              {audit.loading ? 'Loading…' : `Load ${PAGE} more`}
            </button>
          )}
          {audit.full && (
            <span>{count(ENTRIES_MAX)} are as many as this page holds. Narrow the search, or export.</span>
          )}
          <label className="find" htmlFor={findId}>
            <Icon name="search" size="s" />
            <span className="vh">Find in these entries</span>
            <input
              id={findId}
              type="search"
              placeholder="Find in these entries"
              value={find}
              onChange={(event) => setFind(event.target.value)}
            />
          </label>
          <span className="zone">Times {zone(utc)} · the export has UTC</span>
        </div>
      </section>
      <aside className="pane" aria-label={entry ? `Entry ${count(entry.log_seq)}` : 'Entry'}>
        {entry ? (
          <EntryInspector
            entry={entry}
            proof={proofs.get(entry.log_seq) ?? null}
            onTrail={(order) => go({ ...everything, order })}
            onClose={() => setChosen(null)}
          />
        ) : (
          <>
            <div className="ph">
              <h2>Entry</h2>
            </div>
            <p className="none">Choose an entry to see all of its fields and the proof of its hash.</p>
          </>
        )}
      </aside>
    </DeskFrame>
  )
}

const HEAD_MS = 5000

function Figures({
  entries,
  proofs,
  whole,
}: {
  entries: AuditEntry[]
  proofs: ReadonlyMap<number, Proof>
  whole: boolean
}) {
  const figures = useMemo(() => {
    let highest = 0
    let slowest = 0n
    let gaps = 0
    let before: number | null = null
    for (const entry of entries) {
      highest = Math.max(highest, entry.log_seq)
      const took = micros(entry.recorded_at) - micros(entry.timestamp)
      if (took > slowest) slowest = took
      if (before !== null && entry.log_seq !== before + 1) gaps += 1
      before = entry.log_seq
    }
    return { highest, slowest, gaps }
  }, [entries])
  const made = entries.map((entry) => proofs.get(entry.log_seq)).filter((proof) => proof !== undefined)
  const different = made.filter((proof) => proof === 'different').length
  const none = entries.length === 0
  const { data: head } = usePolled('checkpoint', HEAD_MS, readHead)
  return (
    <dl className="bigstat">
      <div>
        <dt className="lbl">Highest log_seq seen</dt>
        <dd className="v num">{none ? '–' : count(figures.highest)}</dd>
      </div>
      <div>
        <dt className="lbl">Gaps between these entries</dt>
        <dd
          className={`v num${whole && figures.gaps > 0 ? ' err' : ''}`}
          title={whole ? undefined : 'filters leave entries out'}
        >
          {none || !whole ? '–' : count(figures.gaps)}
        </dd>
      </div>
      <div>
        <dt className="lbl">Hashes recomputed in this browser</dt>
        <dd className={`v num${different > 0 ? ' err' : ''}`}>
          {!none && different === 0 && made.length === entries.length && (
            <span className="up">
              <Icon name="check" />
            </span>
          )}
          {none
            ? '–'
            : different > 0
              ? `${count(different)} of ${count(made.length)} differ`
              : `${count(made.length)} of ${count(entries.length)} equal`}
        </dd>
      </div>
      <div>
        <dt className="lbl">Slowest recording here</dt>
        <dd className="v num">{none ? '–' : distance(figures.slowest).slice(1)}</dd>
      </div>
      <div>
        <dt className="lbl">Signed checkpoint</dt>
        <dd className={`v num${head?.state === 'wrong' ? ' err' : head?.state === 'open' ? ' none2' : ''}`}>
          {head?.state === 'verified' && (
            <span className="up">
              <Icon name="check" />
            </span>
          )}
          {head?.text ?? '–'}
        </dd>
      </div>
    </dl>
  )
}
