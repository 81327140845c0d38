// SPDX-License-Identifier: Apache-2.0
'use client'
// What becomes of an order in doubt, in the operator's word: chosen here, said what it does, reviewed, and then asked for. The order
// changes when its lane has carried it out, not before.
import { useId, useState } from 'react'
import { Note } from '@/components/Note'
import { Segmented } from '@/components/Segmented'
import { parseDecimal } from '@/lib/decimal'
import { figure } from '@/lib/format'
import type { OpenQuestion } from '@/lib/types'
import { ResolveDialog } from './ResolveDialog'
import { type Execution, effect, hindrance, orderName, type ResolveAction, remaining, saying, short } from './texts'

const REASON_MAX = 500
const EXEC_ID_MAX = 64
const actions: { value: ResolveAction; label: string }[] = (['RETRY', 'REJECT', 'CANCEL', 'FILL'] as const).map(
  (value) => ({ value, label: value }),
)

interface Texts {
  quantity: string
  price: string
  execId: string
  reason: string
}
type Faults = Partial<Record<keyof Texts, string>>

const blank: Texts = { quantity: '', price: '', execId: '', reason: '' }

const positive = (text: string) => {
  const value = parseDecimal(text.trim().replace(',', '.'))
  return value !== null && value > 0n ? value : null
}

export function ResolveForm({ order, onAsked }: { order: OpenQuestion; onAsked(): void }) {
  const id = useId()
  const [action, setAction] = useState<ResolveAction>('FILL')
  const [texts, setTexts] = useState(blank)
  const [faults, setFaults] = useState<Faults>({})
  const [reviewed, setReviewed] = useState<Execution | 'none' | null>(null)
  const hinders = hindrance(action, order)

  const quantity = positive(texts.quantity)
  const price = positive(texts.price)
  const execId = texts.execId.trim()
  const execution = quantity !== null && price !== null && execId ? { quantity, price, execId } : null

  function review() {
    const next: Faults = {}
    if (action === 'FILL') {
      if (quantity === null) next.quantity = 'More than 0, with at most 8 digits after the point.'
      if (price === null) next.price = 'More than 0, with at most 8 digits after the point.'
      if (!execId) next.execId = 'As the exchange has it.'
    }
    if (!texts.reason.trim()) next.reason = 'Say why; the audit trail keeps it.'
    setFaults(next)
    const first = (['quantity', 'price', 'execId', 'reason'] as const).find((field) => next[field])
    if (first) document.getElementById(`${id}-${first}`)?.focus()
    else setReviewed(action === 'FILL' ? execution : 'none')
  }

  const field = (name: keyof Texts, label: string, hint: string, max: number, numeric: boolean) => (
    <div className={`fld${name === 'reason' && action !== 'FILL' ? ' whole' : ''}`}>
      <div className="h">
        <label htmlFor={`${id}-${name}`}>{label}</label>
        <span className="hint num">{hint}</span>
      </div>
      <input
        id={`${id}-${name}`}
        className={`text${numeric ? ' num' : ''}`}
        inputMode={numeric ? 'decimal' : undefined}
        value={texts[name]}
        onChange={(event) => {
          setTexts({ ...texts, [name]: event.target.value })
          setFaults({ ...faults, [name]: undefined })
        }}
        maxLength={max}
        aria-invalid={faults[name] !== undefined || undefined}
        aria-describedby={faults[name] ? `${id}-${name}-fault` : undefined}
        autoComplete="off"
        spellCheck={false}
      />
      {faults[name] && (
        <div className="fault" id={`${id}-${name}-fault`}>
          {faults[name]}
        </div>
      )}
    </div>
  )

  return (
    <form
      className="form resolve"
      aria-label="Resolve the order"
      onSubmit={(event) => {
        event.preventDefault()
        if (!hinders) review()
      }}
    >
      <div className="whole row title">
        <h3>Resolve {orderName(order)}</h3>
        <span className="mono t3 ell" title={order.id}>
          {order.id}
        </span>
        <span className="grow" />
        <span className="t3 lbl" title={order.trader_id}>
          trader <span className="mono">{short(order.trader_id)}</span>
        </span>
      </div>
      <div className="fld whole">
        <div className="h">
          <span className="l">What the exchange says</span>
        </div>
        <Segmented
          label="What the exchange says"
          options={actions}
          value={action}
          onChange={(next) => {
            setAction(next)
            setFaults({})
          }}
        />
        <div className="sub2">{saying[action]}</div>
      </div>
      {action === 'FILL' && (
        <>
          {field('quantity', 'Quantity', `at most ${figure(remaining(order))}`, 20, true)}
          {field('price', 'Price', order.price === null ? 'MARKET' : `limit ${figure(order.price, 2)}`, 20, true)}
          {field('execId', 'Execution id of the exchange', '', EXEC_ID_MAX, false)}
        </>
      )}
      {field('reason', 'Reason', `${[...texts.reason].length} of ${REASON_MAX}`, REASON_MAX, false)}
      <div className="whole">
        {hinders ? (
          <Note kind="w" title="Not possible:">
            {hinders}
          </Note>
        ) : (
          <Note kind="i" title="What this does:">
            {effect(action, order, execution)}
          </Note>
        )}
      </div>
      {Object.values(faults).some(Boolean) && (
        <div className="vh" role="alert">
          {Object.values(faults).filter(Boolean).join(' ')}
        </div>
      )}
      <div className="whole row acts">
        <button
          type="button"
          className="btn sm ghost"
          onClick={() => {
            setTexts(blank)
            setFaults({})
          }}
        >
          Clear
        </button>
        <button type="submit" className="btn sm pri" aria-disabled={hinders !== null}>
          Review resolution
        </button>
      </div>
      {reviewed && (
        <ResolveDialog
          order={order}
          action={action}
          execution={reviewed === 'none' ? null : reviewed}
          reason={texts.reason.trim()}
          onClose={(asked) => {
            setReviewed(null)
            if (asked) {
              setTexts(blank)
              onAsked()
            }
          }}
        />
      )}
    </form>
  )
}
