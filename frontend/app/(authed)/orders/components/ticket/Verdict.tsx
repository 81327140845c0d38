// SPDX-License-Identifier: Apache-2.0
// Whether the server would take the order now, and when it said so.
import { Age } from '@/components/Age'
import { Icon } from '@/components/Icon'
import type { Ticket } from './useTicket'

// '0.4 s', from ten seconds on '12 s'
export const seconds = (ms: number): string => {
  const tenths = Math.max(0, Math.floor(ms / 100))
  return tenths < 100 ? `${(tenths / 10).toFixed(1)} s` : `${Math.floor(tenths / 10)} s`
}

export function Verdict({ ticket }: { ticket: Ticket }) {
  const { preview, previewAt, checking } = ticket
  if (!preview || previewAt === null) {
    if (!checking) return null
    return (
      <div className="msg i">
        <Icon name="clock" />
        <div>Checking…</div>
      </div>
    )
  }
  return (
    <>
      {ticket.warnings.map((warning) => (
        <div className="msg w" key={warning.message}>
          <Icon name="warning" />
          <div>{warning.message}</div>
        </div>
      ))}
      {!(ticket.halt && !preview.acceptable) && (
        <div className={`msg ${preview.acceptable ? 'i ok' : 'w'}`}>
          <Icon name={preview.acceptable ? 'check' : 'warning'} />
          <div>
            {preview.acceptable ? 'Would be accepted now' : 'Would be refused now'}. Checked{' '}
            <Age at={previewAt} text={seconds} /> ago.
          </div>
        </div>
      )}
    </>
  )
}
