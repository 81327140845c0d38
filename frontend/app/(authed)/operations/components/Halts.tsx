// SPDX-License-Identifier: Apache-2.0
'use client'
// The halts in force. Lifting one is restated and confirmed; the row goes when the server no longer has it.
import { useState } from 'react'
import { Dialog } from '@/components/Dialog'
import { Note } from '@/components/Note'
import { api, read } from '@/lib/api'
import { clock } from '@/lib/format'
import type { Halt } from '@/lib/types'
import { done } from './done'
import { failureText } from './failure'
import { scopeName } from './texts'

export function Halts({ halts, utc, onChange }: { halts: Halt[] | null; utc: boolean; onChange(): void }) {
  const [lifting, setLifting] = useState<Halt | null>(null)
  return (
    <>
      {halts?.length === 0 && <p className="none">No halts. Trading goes on for everyone.</p>}
      <ul className="halts" aria-label="Halts in force">
        {halts?.map((halt) => (
          <li key={halt.id}>
            <div className="grow">
              <div className="ell" title={`${scopeName(halt)} · ${halt.reason}`}>
                <b className="b">{scopeName(halt)}</b> <span className="t2">· {halt.reason}</span>
              </div>
              <div className="lbl num">
                by {halt.created_by} since {clock(halt.created_at, utc)}
              </div>
            </div>
            <button
              type="button"
              className="xbtn"
              onClick={() => setLifting(halt)}
              aria-label={`Lift the halt of ${scopeName(halt)}`}
            >
              Lift…
            </button>
          </li>
        ))}
      </ul>
      {lifting && (
        <LiftDialog
          halt={lifting}
          others={(halts ?? []).filter((other) => other.id !== lifting.id)}
          utc={utc}
          onClose={(lifted) => {
            setLifting(null)
            if (lifted) onChange()
          }}
        />
      )}
    </>
  )
}

function LiftDialog({
  halt,
  others,
  utc,
  onClose,
}: {
  halt: Halt
  others: Halt[]
  utc: boolean
  onClose(lifted: boolean): void
}) {
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const name = scopeName(halt)
  const still = others.filter((other) => other.scope === 'ALL' || scopeName(other) === name)

  async function lift() {
    if (busy) return
    setBusy(true)
    setFailure(null)
    try {
      await read(api.DELETE('/api/v1/admin/halts/{halt_id}', { params: { path: { halt_id: halt.id } } }))
      done(`lifted the halt of ${name}`)
      onClose(true)
    } catch (error) {
      setFailure(failureText(error, 'It is not known whether the halt was lifted; lifting it twice does no harm.'))
      setBusy(false)
    }
  }

  return (
    <Dialog
      open
      onClose={() => onClose(failure !== null)}
      title={`Lift the halt of ${name}?`}
      footer={
        <>
          <button type="button" className="btn sm ghost" onClick={() => onClose(failure !== null)}>
            Back
          </button>
          <button type="button" className="btn sm pri" aria-disabled={busy} onClick={lift}>
            {busy ? 'Asking…' : 'Lift halt'}
          </button>
        </>
      }
    >
      <dl className="kv num">
        <dt>Set by</dt>
        <dd>
          {halt.created_by} at {clock(halt.created_at, utc)}
        </dd>
        <dt>Reason</dt>
        <dd className="wrap">{halt.reason}</dd>
        <dt>New orders</dt>
        <dd>{still.length > 0 ? 'stay refused' : 'are taken again'}</dd>
        <dt>Orders that wait</dt>
        <dd>{still.length > 0 ? 'go on waiting' : 'go to the exchange'}</dd>
      </dl>
      {still.length > 0 && (
        <Note
          kind="w"
          title={`${still.length === 1 ? 'Another halt binds' : `${still.length} other halts bind`} them still.`}
        >
          {still.map((other) => `${scopeName(other)}: ${other.reason}`).join('; ')}
        </Note>
      )}
      {failure && (
        <Note kind="e" title="Not lifted.">
          {failure}
        </Note>
      )}
    </Dialog>
  )
}
