// SPDX-License-Identifier: Apache-2.0
'use client'
// Where an order stands that was submitted: what is known, what happens next, and what a person can do.
import { Age } from '@/components/Age'
import { Icon } from '@/components/Icon'
import { Note } from '@/components/Note'
import { useAuth } from '@/lib/auth/context'
import type { SubmitState } from '@/lib/submit'
import { useView } from '@/lib/view'
import { allFixes, idTail } from './faults'
import type { Ticket } from './useTicket'

const TRIES = 5

const Link = ({ run, children }: { run(): void; children: string }) => (
  <button type="button" className="link" onClick={run}>
    {children}
  </button>
)

// 'in 3 s', and 'now' once the time has come.
export const inSeconds = (ms: number): string => {
  const left = Math.ceil(-ms / 1000)
  return left > 0 ? `in ${left} s` : 'now'
}

// No orders are taken of this person at all. What is read and cancelled goes on, and so does the asking whether it still holds.
export function OffNote({ ticket }: { ticket: Ticket }) {
  const { subject } = useAuth()
  if (!ticket.off) return null
  return (
    <Note kind="e" title={`${ticket.off.title}.`}>
      <br />
      {ticket.off.detail} Nothing was sent; what you have can be read and cancelled. Signed in as{' '}
      <span className="mono">{subject}</span>.
    </Note>
  )
}

// At the head of the ticket: a refusal, which is about the fields below it.
export function RefusalNote({ ticket }: { ticket: Ticket }) {
  const open = useView((view) => view.set)
  if (ticket.state.kind !== 'refused' || ticket.state.problem === ticket.off) return null
  const { problem } = ticket.state
  const rules = (problem.errors ?? []).length
  const id = problem.order_id
  const fixable = Object.keys(allFixes(ticket.fixes)).length > 0
  return (
    <Note
      kind="e"
      title={
        rules === 0
          ? `Refused: ${problem.title.charAt(0).toLowerCase()}${problem.title.slice(1)}.`
          : `Refused: the order breaks ${rules === 1 ? 'a rule' : `${rules} rules`}.`
      }
      actions={
        (fixable || id) && (
          <>
            {fixable && <Link run={ticket.correctAll}>Correct all</Link>}
            {id && <Link run={() => open({ order: id })}>Open record</Link>}
          </>
        )
      }
    >
      <br />
      {rules === 0 && <>{problem.detail} </>}
      {ticket.faults.without.map((fault) => (
        <span key={fault.code}>{fault.message} </span>
      ))}
      {id ? `Recorded as ${idTail(id)}, never sent out.` : 'Not recorded, never sent out.'}
    </Note>
  )
}

// At the foot: what is on its way, halted, or cannot be sent.
export function StateNote({ ticket, describes }: { ticket: Ticket; describes: string }) {
  return (
    <div id={describes} className="col notes">
      <OnItsWay ticket={ticket} state={ticket.state} />
      <HaltNote ticket={ticket} />
      {ticket.cautions.without.map((fault) => (
        <div className="msg w" key={fault.code}>
          <Icon name="warning" />
          <div>Would be refused now. {fault.message}</div>
        </div>
      ))}
      {ticket.offline && (
        <div className="msg w">
          <Icon name="warning" />
          <div>No connection to OXE. You can prepare the order; it can be sent when the connection is back.</div>
        </div>
      )}
      {ticket.taken?.warnings?.map((warning) => (
        <Note kind="w" key={warning.code} title="Accepted, but look:">
          {warning.message}
        </Note>
      ))}
    </div>
  )
}

function HaltNote({ ticket }: { ticket: Ticket }) {
  const { halt } = ticket
  if (!halt) return null
  const whom = halt.scope === 'SYMBOL' ? halt.symbol : halt.scope === 'ALL' ? 'everyone' : 'this account'
  return (
    <Note kind="e" title={`Trading is halted for ${whom}.`}>
      <br />‘{halt.reason}’. Wait until the halt is lifted; cancels still work.
    </Note>
  )
}

function OnItsWay({ ticket, state }: { ticket: Ticket; state: SubmitState }) {
  const set = useView((view) => view.set)
  const { submit } = ticket
  const checkHistory = () => {
    submit.stop()
    set({ tab: 'history', phoneTab: 'orders', phoneTicket: false })
  }
  switch (state.kind) {
    case 'rate limited':
      return (
        <Note
          kind="w"
          icon="clock"
          live
          title={`${ticket.ordersPerMinute ?? 'Too many'} orders in a minute, the limit is used up.`}
          actions={<Link run={submit.dismiss}>Edit</Link>}
        >
          <br />
          {state.uncertain ? 'Whether an earlier try was taken is not known.' : 'This order was not recorded.'} It keeps
          its key and can go <Age at={state.until} text={inSeconds} />.
        </Note>
      )
    case 'asking again': {
      // Between two tries the next one is counted, during one that one.
      const tries = Math.max(1, state.nextTryAt === null ? state.tries - 1 : state.tries)
      const failed = state.problem?.status === 500 ? state.problem : null
      return (
        <Note
          kind="w"
          live
          title={failed ? 'Something failed inside OXE.' : 'No answer in time. Asking again.'}
          actions={
            <>
              <Link run={submit.retryNow}>{failed ? 'Try again' : 'Try now'}</Link>
              <Link run={checkHistory}>Stop and check History</Link>
              {failed && <Link run={() => void navigator.clipboard?.writeText(failed.request_id)}>Copy</Link>}
            </>
          }
        >
          <br />
          {failed ? (
            <>
              Try again; the same key keeps it single. Request <span className="mono">{failed.request_id}</span>.
            </>
          ) : (
            'Every try carries the same key: the order is taken once or not at all.'
          )}{' '}
          Try {tries} of {TRIES} {state.nextTryAt === null ? 'now' : <Age at={state.nextTryAt} text={inSeconds} />}.
        </Note>
      )
    }
    case 'given up':
      return (
        <Note
          kind="w"
          live
          title={`${state.problem ? 'The tries before had no answer' : 'No answer'}. It is not known whether the order was taken.`}
          actions={
            <>
              <Link run={submit.retryNow}>Try again</Link>
              <Link run={checkHistory}>Check History</Link>
              <Link run={submit.dismiss}>Edit</Link>
            </>
          }
        >
          <br />
          {state.problem && `To the last try: ${state.problem.detail} `}
          Trying again carries the same key and cannot send it twice. A new order could: look into History first.
        </Note>
      )
    case 'signed out':
      return (
        <Note kind="w" live title="Your session has ended.">
          <br />
          The ticket stays as it is, and the order’s fate is asked for when you are back.
        </Note>
      )
    default:
      return null
  }
}
