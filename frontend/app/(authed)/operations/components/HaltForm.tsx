// SPDX-License-Identifier: Apache-2.0
'use client'
// Stops trading: for everyone, a trader, or a symbol. Nothing happens before the dialog, where the scope has to be typed.
import { useId, useState } from 'react'
import { Segmented } from '@/components/Segmented'
import { HaltDialog } from './HaltDialog'
import type { Operations } from './useOperations'

const REASON_MAX = 500
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const SYMBOL = /^[A-Z0-9][A-Z0-9.-]{0,15}$/

export type Scope = 'SYMBOL' | 'TRADER' | 'ALL'
export interface HaltRequest {
  scope: Scope
  symbol: string | null
  trader_id: string | null
  reason: string
  cancel_open: boolean
}

const scopes: { value: Scope; label: string }[] = [
  { value: 'SYMBOL', label: 'SYMBOL' },
  { value: 'TRADER', label: 'TRADER' },
  { value: 'ALL', label: 'ALL' },
]

export function HaltForm({ operations }: { operations: Operations }) {
  const id = useId()
  const [scope, setScope] = useState<Scope>('SYMBOL')
  const [symbol, setSymbol] = useState('')
  const [trader, setTrader] = useState('')
  const [reason, setReason] = useState('')
  const [cancelOpen, setCancelOpen] = useState(false)
  const [faults, setFaults] = useState<{ target?: string; reason?: string }>({})
  const [asked, setAsked] = useState<HaltRequest | null>(null)

  function review() {
    const next: typeof faults = {}
    if (scope === 'SYMBOL' && !SYMBOL.test(symbol.trim())) next.target = 'Name the symbol, such as AAPL.'
    if (scope === 'TRADER' && !UUID.test(trader.trim())) next.target = 'Give the trader’s id, a UUID.'
    if (!reason.trim()) next.reason = 'Say why; traders read it.'
    setFaults(next)
    if (next.target) document.getElementById(`${id}-target`)?.focus()
    else if (next.reason) document.getElementById(`${id}-reason`)?.focus()
    else
      setAsked({
        scope,
        symbol: scope === 'SYMBOL' ? symbol.trim() : null,
        trader_id: scope === 'TRADER' ? trader.trim().toLowerCase() : null,
        reason: reason.trim(),
        cancel_open: cancelOpen,
      })
  }

  const target = scope === 'SYMBOL' ? symbol.trim() || 'the symbol' : scope === 'TRADER' ? 'the trader' : 'everyone'
  const count = [...reason].length
  return (
    <form
      className="form"
      aria-label="Halt trading"
      onSubmit={(event) => {
        event.preventDefault()
        review()
      }}
    >
      <div className="fld">
        <div className="h">
          <span className="l">Scope</span>
        </div>
        <Segmented
          label="Scope"
          options={scopes}
          value={scope}
          onChange={(next) => {
            setScope(next)
            setFaults({})
          }}
        />
      </div>
      {scope !== 'ALL' && (
        <div className="fld">
          <div className="h">
            <label htmlFor={`${id}-target`}>{scope === 'SYMBOL' ? 'Symbol' : 'Trader'}</label>
            <span className="hint">{scope === 'SYMBOL' ? 'as traders write it' : 'the id, not the name'}</span>
          </div>
          <input
            id={`${id}-target`}
            className={`text${scope === 'TRADER' ? ' mono' : ''}`}
            value={scope === 'SYMBOL' ? symbol : trader}
            onChange={(event) => {
              if (scope === 'SYMBOL') setSymbol(event.target.value.toUpperCase())
              else setTrader(event.target.value)
              setFaults({ ...faults, target: undefined })
            }}
            aria-invalid={faults.target !== undefined || undefined}
            aria-describedby={faults.target ? `${id}-target-fault` : undefined}
            autoComplete="off"
            spellCheck={false}
            maxLength={scope === 'SYMBOL' ? 16 : 36}
          />
          {faults.target && (
            <div className="fault" id={`${id}-target-fault`} role="alert">
              {faults.target}
            </div>
          )}
        </div>
      )}
      <div className="fld">
        <div className="h">
          <label htmlFor={`${id}-reason`}>Reason</label>
          <span className="hint num">
            {count} of {REASON_MAX} · traders read it
          </span>
        </div>
        <textarea
          id={`${id}-reason`}
          className="ta"
          rows={2}
          value={reason}
          onChange={(event) => {
            setReason([...event.target.value].slice(0, REASON_MAX).join(''))
            setFaults({ ...faults, reason: undefined })
          }}
          aria-invalid={faults.reason !== undefined || undefined}
          aria-describedby={faults.reason ? `${id}-reason-fault` : undefined}
        />
        {faults.reason && (
          <div className="fault" id={`${id}-reason-fault`} role="alert">
            {faults.reason}
          </div>
        )}
      </div>
      <label className="chk">
        <input type="checkbox" checked={cancelOpen} onChange={(event) => setCancelOpen(event.target.checked)} />
        <span>
          Also cancel open orders
          <span className="t3 under">at the exchange too; legs that protect a position go as well</span>
        </span>
      </label>
      <button type="submit" className="btn oln">
        Halt trading for {target}…
      </button>
      <div className="lbl">Cancels, fills and reads go on while trading is halted.</div>
      {asked && (
        <HaltDialog
          request={asked}
          inDoubt={operations.questions.data?.orders ?? []}
          onClose={(set) => {
            setAsked(null)
            if (set === 'set') {
              setReason('')
              setSymbol('')
              setTrader('')
              setCancelOpen(false)
            }
            if (set !== 'back') operations.halts.refresh()
          }}
        />
      )}
    </form>
  )
}
