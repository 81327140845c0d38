// SPDX-License-Identifier: Apache-2.0
'use client'
// The order once more in words, with its figures, before it goes. Enter submits, Esc goes back.
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { Age } from '@/components/Age'
import { Button } from '@/components/Button'
import { Icon } from '@/components/Icon'
import { figure, money, NONE, percent } from '@/lib/format'
import type { NewOrder } from '@/lib/types'
import { hasMoved, percentOf } from './figures'
import { OffNote, StateNote } from './Notes'
import type { Ticket } from './useTicket'
import { seconds, Verdict } from './Verdict'
import { headline, terms } from './words'

const GUARD_MS = 400 // of a double press of Enter the second must not submit
const FIGURES_MS = 10_000

export function ReviewStep({ ticket, order, phone }: { ticket: Ticket; order: NewOrder; phone: boolean }) {
  const what = useId()
  const notes = useId()
  const opened = useRef(Date.now())
  const submitButton = useRef<HTMLButtonElement>(null)
  const { estimate, decimals, last, entry, numbers, riskReward } = ticket
  const sending = ticket.state.kind === 'sending'
  useEffect(() => submitButton.current?.focus(), [])
  useFreshFigures(ticket)

  const leg = (price: bigint | null) =>
    price === null || entry === null || entry === 0n ? null : (
      <>
        {figure(price, decimals)} <span className="t3">{percent(percentOf(price - entry, entry))}</span>
      </>
    )
  return (
    <div className="tk review">
      <div className="conf">
        <div className="row">
          <span className={`side ${order.side === 'SELL' ? 'sell' : 'buy'}`}>{order.side}</span>
          <span className="t3 cap">
            {order.order_type} · {order.time_in_force}
          </span>
        </div>
        <h3 id={what}>
          {headline(order)}
          <br />
          <span className="terms">{terms(order, last, decimals)}</span>
        </h3>
        <dl className="kv num">
          <div className="rule" />
          <Figure name={estimate.title}>
            {estimate.amount === null ? NONE : `${estimate.reckoned ? '≈ ' : ''}${money(estimate.amount)}`}
          </Figure>
          <Figure name="Buying power after">{estimate.powerAfter === null ? NONE : money(estimate.powerAfter)}</Figure>
          <Figure name="Position after" aside={`from ${figure(estimate.held)}`}>
            {estimate.positionAfter === null ? NONE : figure(estimate.positionAfter)}
          </Figure>
          {(numbers.stopLoss !== null || numbers.takeProfit !== null) && <div className="rule" />}
          {numbers.stopLoss !== null && (
            <>
              <dt>Stop loss</dt>
              <dd>{leg(numbers.stopLoss)}</dd>
            </>
          )}
          {numbers.takeProfit !== null && (
            <>
              <dt>Take profit</dt>
              <dd>{leg(numbers.takeProfit)}</dd>
            </>
          )}
          {riskReward && (
            <>
              <dt>Risk, reward</dt>
              <dd>
                <span className="down">−{figure(riskReward.risk, 2)}</span> <span className="t3">·</span>{' '}
                <span className="up">+{figure(riskReward.reward, 2)}</span>
              </dd>
            </>
          )}
          {ticket.instrument?.last_price_at && (
            <>
              <div className="rule" />
              <dt>Last price</dt>
              <dd>
                {last === null ? NONE : figure(last, decimals)}{' '}
                <span className="t3">
                  <Age at={Date.parse(ticket.instrument.last_price_at)} text={seconds} /> ago
                </span>
              </dd>
            </>
          )}
        </dl>
      </div>
      <Verdict ticket={ticket} />
      {[...ticket.cautions.byField.values()].flat().map((fault) => (
        <div className="msg w" key={fault.code + fault.message}>
          <Icon name="warning" />
          <div>{fault.message}</div>
        </div>
      ))}
      {!phone && (
        <div className="msg i">
          <Icon name="info" />
          <div>Sent once. A second click or a retry after a lost answer repeats this order, it never adds another.</div>
        </div>
      )}
      <OffNote ticket={ticket} />
      <StateNote ticket={ticket} describes={notes} />
      <div className="col foot2">
        <Button
          ref={submitButton}
          kind={order.side === 'SELL' ? 'sell' : 'buy'}
          size="lg"
          waits={sending || ticket.waits}
          describedBy={`${what} ${notes}`}
          keys={phone ? undefined : '↵'}
          onClick={(event) => {
            // From the keyboard a click has no count, and the second of a double click has 2.
            if (event.detail === 0 && Date.now() - opened.current < GUARD_MS) return
            if (event.detail > 1) return
            ticket.submit.submit()
          }}
        >
          {sending ? 'Submitting…' : 'Submit order'}
        </Button>
        {!sending && (
          <Button kind="ghost" keys={phone ? undefined : 'Esc'} onClick={ticket.back}>
            Change it
          </Button>
        )}
      </div>
    </div>
  )
}

// The figures again once the last price has moved by 0.5 % or they are 10 s old.
function useFreshFigures(ticket: Ticket): void {
  const { last, refresh, previewAt } = ticket
  const asOf = useRef(last)
  useEffect(() => {
    if (!hasMoved(asOf.current, last)) return
    asOf.current = last
    refresh()
  }, [last, refresh])
  const again = useRef(refresh)
  useEffect(() => {
    again.current = refresh
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: an answer begins the wait anew
  useEffect(() => {
    const timer = setTimeout(() => again.current(), FIGURES_MS)
    return () => clearTimeout(timer)
  }, [previewAt])
}

// A figure that has changed since the review opened is marked, and what it was is said.
function Figure({ name, aside, children }: { name: string; aside?: string; children: string }) {
  const first = useRef<string | null>(null)
  useEffect(() => {
    // '≈' and '–' stand for an answer that is still to come.
    if (first.current === null && !/[≈–]/.test(children)) first.current = children
  })
  const was = first.current
  const changed = was !== null && was !== children && !/[≈–]/.test(children)
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {changed && <span className="t3 was">was {was} </span>}
        <span className="is">
          <Mark on={changed}>{children}</Mark> {aside && <span className="t3">{aside}</span>}
        </span>
      </dd>
    </>
  )
}

const Mark = ({ on, children }: { on: boolean; children: ReactNode }) => (on ? <mark>{children}</mark> : children)
