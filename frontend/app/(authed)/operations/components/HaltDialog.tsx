// SPDX-License-Identifier: Apache-2.0
'use client'
// Restates a halt with what it does, and asks for its scope to be typed. Open until the server has said that it is in force.
import { useId, useState } from 'react'
import { Dialog } from '@/components/Dialog'
import { Note } from '@/components/Note'
import { api, NoAnswer, read } from '@/lib/api'
import type { OpenQuestion } from '@/lib/types'
import { done } from './done'
import { failureText } from './failure'
import type { HaltRequest } from './HaltForm'
import { haltWord, scopeName } from './texts'

export type HaltOutcome = 'set' | 'unknown' | 'back'

function inScope(request: HaltRequest, orders: OpenQuestion[]): number {
  return orders.filter(
    (order) =>
      request.scope === 'ALL' ||
      (request.scope === 'SYMBOL' ? order.symbol === request.symbol : order.trader_id === request.trader_id),
  ).length
}

export function HaltDialog({
  request,
  inDoubt,
  onClose,
}: {
  request: HaltRequest
  inDoubt: OpenQuestion[]
  onClose(outcome: HaltOutcome): void
}) {
  const id = useId()
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const [unknown, setUnknown] = useState(false)
  const word = haltWord(request)
  const ready = typed.trim() === word && !busy
  const name = request.scope === 'ALL' ? 'everyone' : scopeName(request).replace('Trader', 'trader')
  const doubts = inScope(request, inDoubt)

  async function halt() {
    if (!ready) return
    setBusy(true)
    setFailure(null)
    try {
      await read(
        api.POST('/api/v1/admin/halts', {
          body: {
            scope: request.scope,
            reason: request.reason,
            cancel_open: request.cancel_open,
            ...(request.symbol ? { symbol: request.symbol } : {}),
            ...(request.trader_id ? { trader_id: request.trader_id } : {}),
          },
        }),
      )
      done(`halted ${name}${request.cancel_open ? ' and cancelled its open orders' : ''}`)
      onClose('set')
    } catch (error) {
      // A second halt of one scope is a halt of its own, so it is not sent again by itself.
      setUnknown(error instanceof NoAnswer)
      setFailure(failureText(error, 'Go back and look at the halts in force before you halt again.'))
      setBusy(false)
    }
  }

  return (
    <Dialog
      open
      alert
      width={480}
      onClose={() => onClose(unknown ? 'unknown' : 'back')}
      title={`Halt trading for ${name}?`}
      footer={
        <>
          <button type="button" className="btn sm ghost" onClick={() => onClose(unknown ? 'unknown' : 'back')}>
            Back
          </button>
          <button type="button" className="btn sm dng" aria-disabled={!ready} onClick={halt}>
            {busy ? 'Asking…' : 'Halt trading'}
          </button>
        </>
      }
    >
      <dl className="kv num halt">
        <dt>New orders</dt>
        <dd>refused at once, TRADING_HALTED</dd>
        <dt>Open orders</dt>
        <dd>{request.cancel_open ? 'every one is cancelled at the exchange' : 'go on working at the exchange'}</dd>
        <dt>Not sent yet</dt>
        <dd>{request.cancel_open ? 'cancelled here' : 'wait until the halt is lifted'}</dd>
        <dt>Protective legs</dt>
        <dd>{request.cancel_open ? <span className="warn b">are cancelled too</span> : 'stay'}</dd>
        <dt>Orders in doubt</dt>
        <dd>
          {doubts === 0
            ? 'none'
            : `${doubts} stay${doubts === 1 ? 's' : ''} and go${doubts === 1 ? 'es' : ''} on being asked for`}
        </dd>
        <dt>Fills on their way</dt>
        <dd>still count</dd>
      </dl>
      <Note kind="i">Reason, which traders read: ‘{request.reason}’</Note>
      <form
        className="fld"
        onSubmit={(event) => {
          event.preventDefault()
          halt()
        }}
      >
        <div className="h">
          <label htmlFor={id}>
            Type <b className="t1">{word}</b> to confirm
          </label>
        </div>
        <input
          id={id}
          className="text"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          autoComplete="off"
          spellCheck={false}
        />
      </form>
      {failure && (
        <Note kind="e" title={unknown ? 'Perhaps not halted.' : 'Not halted.'}>
          {failure}
        </Note>
      )}
    </Dialog>
  )
}
