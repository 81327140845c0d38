// SPDX-License-Identifier: Apache-2.0
'use client'
// The ticket: a pane beside the chart, on a phone a sheet. Nothing is sent without the review.
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { Age } from '@/components/Age'
import { Button } from '@/components/Button'
import { Icon } from '@/components/Icon'
import { Sheet } from '@/components/Sheet'
import { SymbolCombobox } from '@/components/SymbolCombobox'
import { figure, percent } from '@/lib/format'
import { PHONE, useMedia } from '@/lib/hooks/useMedia'
import { useKey } from '@/lib/keys'
import type { OrderType, Side } from '@/lib/types'
import { useView } from '@/lib/view'
import { Estimate } from './ticket/Estimate'
import { type FieldRefs, Fields } from './ticket/Fields'
import { type Field, fieldsInOrder } from './ticket/faults'
import { percentOf } from './ticket/figures'
import { inSeconds, OffNote, RefusalNote, StateNote } from './ticket/Notes'
import { ReviewStep } from './ticket/ReviewStep'
import { type Ticket, useTicket } from './ticket/useTicket'
import { seconds, Verdict } from './ticket/Verdict'

export function OrderForm() {
  const phone = useMedia(PHONE)
  const ticket = useTicket()
  const open = useView((view) => view.phoneTicket)
  const setView = useView((view) => view.set)
  const label = ticket.reviewing ? 'Review order' : 'Order ticket'
  return (
    <>
      {phone ? (
        <Sheet
          open={open}
          label={label}
          onClose={() => (ticket.state.kind === 'drawn' ? ticket.back() : setView({ phoneTicket: false }))}
        >
          <Panel ticket={ticket} phone />
        </Sheet>
      ) : (
        <>
          <Head ticket={ticket} />
          <Panel ticket={ticket} phone={false} />
        </>
      )}
      <p className="vh" role="status">
        {ticket.taken && `Accepted: ${ticket.taken.side} ${figure(ticket.taken.quantity)} ${ticket.taken.symbol}.`}
      </p>
    </>
  )
}

function Head({ ticket }: { ticket: Ticket }) {
  const at = ticket.instrument?.last_price_at
  if (!ticket.reviewing)
    return (
      <div className="ph">
        <h2>Order ticket</h2>
        <span className="grow" />
        <button type="button" className="clear" onClick={ticket.clear}>
          Clear
        </button>
      </div>
    )
  return (
    <div className="ph">
      <button type="button" className="ibtn back" aria-label="Back to the ticket" onClick={ticket.back}>
        <Icon name="back" />
      </button>
      <h2>Review order</h2>
      <span className="grow" />
      {at && (
        <span className="cnt num">
          price <Age at={Date.parse(at)} text={seconds} /> old
        </span>
      )}
    </div>
  )
}

function Panel({ ticket, phone }: { ticket: Ticket; phone: boolean }) {
  const reviewButton = useRef<HTMLButtonElement>(null)
  const refs: FieldRefs = {
    symbol: useRef(null),
    quantity: useRef(null),
    price: useRef(null),
    stopLoss: useRef(null),
    takeProfit: useRef(null),
  }
  const setView = useView((view) => view.set)

  function focusField(field: Field | null) {
    if (field && field in refs) refs[field as keyof FieldRefs].current?.focus()
  }
  const review = () => focusField(ticket.review())

  useTicketKeys(ticket, refs)
  useFocusAfter(ticket, focusField, reviewButton)
  useEffect(() => {
    if (ticket.taken && phone) setView({ phoneTicket: false })
  }, [ticket.taken, phone, setView])

  function press(event: KeyboardEvent) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape' && !phone) {
      event.preventDefault()
      if (ticket.state.kind === 'drawn') ticket.back()
      else ticket.clear()
    }
    if (event.key !== 'Enter' || event.repeat || ticket.reviewing) return
    const target = event.target
    // Buttons have their own Enter; those of a choice have none.
    if (target instanceof HTMLElement && target.matches('button:not([role=radio])')) return
    event.preventDefault()
    review()
  }

  const { state } = ticket
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys come up from the fields within
    <div
      className="ticket"
      data-ticket // while the focus is in it, previews go on
      onKeyDown={press}
    >
      {ticket.loading ? (
        <Loading />
      ) : state.kind === 'drawn' || state.kind === 'sending' ? (
        <ReviewStep ticket={ticket} order={state.body} phone={phone} />
      ) : (
        <div className="tk">
          {phone && <PhoneHead ticket={ticket} refs={refs} />}
          <OffNote ticket={ticket} />
          <RefusalNote ticket={ticket} />
          <Fields ticket={ticket} refs={refs} phone={phone} />
          <Foot ticket={ticket} phone={phone} review={review} buttonRef={reviewButton} />
        </div>
      )}
    </div>
  )
}

function Foot(props: {
  ticket: Ticket
  phone: boolean
  review(): void
  buttonRef: React.RefObject<HTMLButtonElement | null>
}) {
  const { ticket, phone } = props
  const notes = useId()
  const { state } = ticket
  const kind = ticket.draft.side === 'SELL' ? 'sell' : 'buy'
  return (
    <div className="foot">
      <Estimate ticket={ticket} />
      <div className="push col">
        {ticket.asked && (
          <div className="lbl">
            {ticket.instantCount === 1 ? 'One field' : `${ticket.instantCount} fields`} to correct. Nothing was sent.
          </div>
        )}
        {!ticket.locked && !ticket.offline && <Verdict ticket={ticket} />}
        <StateNote ticket={ticket} describes={notes} />
        {state.kind === 'rate limited' ? (
          <LaterButton until={state.until} kind={kind} describedBy={notes} onClick={ticket.submit.submit} />
        ) : ticket.locked ? (
          <Button kind={kind} waits describedBy={notes} onClick={() => {}}>
            {state.kind === 'asking again' ? 'Submitting…' : 'Submit order'}
          </Button>
        ) : (
          <Button
            ref={props.buttonRef}
            kind={kind}
            waits={ticket.waits}
            describedBy={notes}
            keys={ticket.complete && !phone ? '↵' : undefined}
            onClick={(event) => event.detail <= 1 && props.review()}
          >
            Review order
          </Button>
        )}
      </div>
    </div>
  )
}

// 'Submit order in 12 s', then 'Submit order': by hand, with the key that it has.
function LaterButton(props: { until: number; kind: 'buy' | 'sell'; describedBy: string; onClick(): void }) {
  const [waits, setWaits] = useState(true)
  useEffect(() => {
    setWaits(Date.now() < props.until)
    const timer = setTimeout(() => setWaits(false), Math.max(0, props.until - Date.now()))
    return () => clearTimeout(timer)
  }, [props.until])
  return (
    <Button kind={props.kind} waits={waits} describedBy={props.describedBy} onClick={props.onClick}>
      <span>
        Submit order
        {waits && (
          <span aria-hidden="true">
            {' '}
            <Age at={props.until} text={inSeconds} />
          </span>
        )}
      </span>
    </Button>
  )
}

function PhoneHead({ ticket, refs }: { ticket: Ticket; refs: FieldRefs }) {
  const setView = useView((view) => view.set)
  const { instrument, last, decimals } = ticket
  const open = instrument?.day_open_price ?? null
  const change = last !== null && open !== null && open !== 0n ? last - open : null
  return (
    <div className="row sheet-head">
      <SymbolCombobox
        label="Symbol"
        bare
        ref={refs.symbol}
        instruments={ticket.instruments}
        value={ticket.symbol}
        locked={ticket.locked}
        onChange={ticket.choose}
      />
      {last !== null && <span className="t3 num">{figure(last, decimals)}</span>}
      {change !== null && open !== null && (
        <span className={`num ${change < 0n ? 'down' : 'up'}`}>
          {change < 0n ? '▼' : '▲'} {percent(percentOf(change, open))}
        </span>
      )}
      <span className="grow" />
      <button type="button" className="ibtn" aria-label="Close" onClick={() => setView({ phoneTicket: false })}>
        <Icon name="close" />
      </button>
    </div>
  )
}

function Loading() {
  return (
    <div className="tk" aria-busy="true">
      <span className="vh">The ticket is loading.</span>
      {[0, 1, 2, 3, 4, 5].map((line) => (
        <div className="fld" key={line} aria-hidden="true">
          <span className="sk name" />
          <span className="sk field" />
        </div>
      ))}
    </div>
  )
}

// B S side, M L T type, / symbol, Q quantity, P price. Nothing of it while the order is looked at or under way.
function useTicketKeys(ticket: Ticket, refs: FieldRefs): void {
  const editing = !ticket.reviewing && !ticket.locked
  const side = (next: Side) => () => editing && ticket.change({ side: next })
  const type = (next: OrderType) => () => editing && ticket.change({ orderType: next })
  useKey('b', side('BUY'))
  useKey('s', side('SELL'))
  useKey('m', type('MARKET'))
  useKey('l', type('LIMIT'))
  useKey('t', type('STOP'))
  useKey('/', () => refs.symbol.current?.open())
  useKey('q', () => selected(refs.quantity.current))
  useKey('p', () => selected(refs.price.current))
}

function selected(input: HTMLInputElement | null): void {
  input?.focus()
  input?.select()
}

// Where the focus goes when what had it is gone: to Quantity after an order, to the first fault after a refusal, else to the button.
function useFocusAfter(
  ticket: Ticket,
  focusField: (field: Field | null) => void,
  reviewButton: React.RefObject<HTMLButtonElement | null>,
): void {
  const before = useRef(ticket.state.kind)
  const { kind } = ticket.state
  useEffect(() => {
    const was = before.current
    before.current = kind
    if (was === kind || (was !== 'drawn' && was !== 'sending' && was !== 'accepted')) return
    // Only where nobody has gone elsewhere meanwhile.
    if (document.activeElement !== document.body && document.activeElement?.isConnected) return
    if (kind === 'refused') focusField(fieldsInOrder.find((field) => ticket.faults.byField.has(field)) ?? 'quantity')
    else if (kind === 'idle' && ticket.taken) focusField('quantity')
    else if (kind === 'idle') reviewButton.current?.focus()
  })
}
