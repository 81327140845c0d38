// SPDX-License-Identifier: Apache-2.0
'use client'
// Restates a resolution and asks for it. 202 means asked: the lane's executor carries it out, or puts it aside and says why.
import { useState } from 'react'
import { Dialog } from '@/components/Dialog'
import { Note } from '@/components/Note'
import { api, NoAnswer, read } from '@/lib/api'
import { figure } from '@/lib/format'
import type { OpenQuestion } from '@/lib/types'
import { done } from './done'
import { failureText } from './failure'
import { type Execution, effect, orderName, type ResolveAction } from './texts'

export function ResolveDialog({
  order,
  action,
  execution,
  reason,
  onClose,
}: {
  order: OpenQuestion
  action: ResolveAction
  execution: Execution | null
  reason: string
  onClose(asked: boolean): void
}) {
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<{ text: string; unknown: boolean } | null>(null)

  async function resolve() {
    if (busy) return
    setBusy(true)
    setFailure(null)
    try {
      await read(
        api.POST('/api/v1/admin/orders/{id}/resolve', {
          params: { path: { id: order.id } },
          body: {
            action,
            reason,
            ...(execution
              ? { quantity: execution.quantity, price: execution.price, venue_exec_id: execution.execId }
              : {}),
          },
        }),
      )
      done(`asked for ${action} of ${orderName(order)}`)
      onClose(true)
    } catch (error) {
      setFailure({
        text: failureText(
          error,
          'The row shows the command while it waits, and leaves the list once it is done. The same execution id counts once.',
        ),
        unknown: error instanceof NoAnswer,
      })
      setBusy(false)
    }
  }

  return (
    <Dialog
      open
      alert
      width={480}
      onClose={() => onClose(failure?.unknown ?? false)}
      title={`${action} ${orderName(order)}?`}
      footer={
        <>
          <button type="button" className="btn sm ghost" onClick={() => onClose(failure?.unknown ?? false)}>
            Back
          </button>
          <button type="button" className="btn sm pri" aria-disabled={busy} onClick={resolve}>
            {busy ? 'Asking…' : `Resolve: ${action}`}
          </button>
        </>
      }
    >
      <dl className="kv num halt">
        <dt>Order</dt>
        <dd className="mono wrap">{order.id}</dd>
        {execution && (
          <>
            <dt>Execution</dt>
            <dd>
              {figure(execution.quantity)} at {figure(execution.price, 2)}
            </dd>
            <dt>Its id</dt>
            <dd className="wrap">{execution.execId}</dd>
          </>
        )}
        <dt>Reason</dt>
        <dd className="wrap">{reason}</dd>
      </dl>
      <Note kind="w" title="What this does:">
        {effect(action, order, execution)}
      </Note>
      {failure && (
        <Note kind="e" title={failure.unknown ? 'Perhaps asked.' : 'Not done.'}>
          {failure.text}
        </Note>
      )}
    </Dialog>
  )
}
