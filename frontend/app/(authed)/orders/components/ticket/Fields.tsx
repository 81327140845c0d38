// SPDX-License-Identifier: Apache-2.0
'use client'
// The fields, in the order in which the order reads and Tab goes: BUY LIMIT AAPL 100 at 150.80.
import { type ReactNode, type RefObject, useId } from 'react'
import { NumberField, type Steps } from '@/components/NumberField'
import { Segmented } from '@/components/Segmented'
import { SymbolCombobox } from '@/components/SymbolCombobox'
import { type Decimal, floorTo } from '@/lib/decimal'
import { figure, percent, signed } from '@/lib/format'
import { numberIn } from '@/lib/rules'
import type { OrderType, TimeInForce } from '@/lib/types'
import type { Field } from './faults'
import { buyChips, percentOf, sellChips, stepBy, withPlaces } from './figures'
import { Messages } from './Messages'
import { SideField } from './Side'
import type { Ticket } from './useTicket'

const types = (['MARKET', 'LIMIT', 'STOP'] as const).map((value) => ({ value, label: value }))
const times = (['DAY', 'GTC', 'IOC', 'FOK'] as const).map((value) => ({ value, label: value }))

export interface FieldRefs {
  symbol: RefObject<{ open(): void; focus(): void } | null>
  quantity: RefObject<HTMLInputElement | null>
  price: RefObject<HTMLInputElement | null>
  stopLoss: RefObject<HTMLInputElement | null>
  takeProfit: RefObject<HTMLInputElement | null>
}

export function Fields({ ticket, refs, phone }: { ticket: Ticket; refs: FieldRefs; phone: boolean }) {
  const { draft, locked } = ticket
  const id = useId()
  const told = (field: Field): ReactNode => (
    <Messages
      id={`${id}-${field}`}
      faults={ticket.faults.byField.get(field) ?? []}
      cautions={ticket.cautions.byField.get(field) ?? []}
      fixes={ticket.fixes.get(field)}
      onFix={ticket.change}
    />
  )
  const stateOf = (field: Field): 'bad' | 'caution' | null =>
    ticket.faults.byField.has(field) ? 'bad' : ticket.cautions.byField.has(field) ? 'caution' : null
  const common = (field: Field) => ({
    state: stateOf(field),
    messages: told(field),
    messagesId: stateOf(field) ? `${id}-${field}` : undefined,
  })
  const number = (field: 'quantity' | 'price' | 'stopLoss' | 'takeProfit') => ({
    ...common(field),
    ref: refs[field],
    value: draft[field],
    locked,
    onChange: (text: string) => ticket.change({ [field]: text }),
    onLeave: () => ticket.leave(field),
    steps: stepsOf(ticket, field),
  })
  return (
    <>
      <SideField value={draft.side} locked={locked} onChange={(side) => ticket.change({ side })} />
      {told('side')}
      <div className="fld">
        <div className="h">
          <span className="l">Order type</span>
        </div>
        <Segmented<OrderType>
          label="Order type"
          options={types}
          value={draft.orderType}
          locked={locked}
          onChange={(orderType) => ticket.change({ orderType })}
        />
        {told('orderType')}
      </div>
      {!phone && (
        <SymbolCombobox
          label="Symbol"
          ref={refs.symbol}
          instruments={ticket.instruments}
          value={ticket.symbol}
          locked={locked}
          onChange={ticket.choose}
          {...common('symbol')}
        />
      )}
      {phone && told('symbol')}
      <NumberField
        label="Quantity"
        buttons
        hint={quantityHint(ticket)}
        below={<Chips ticket={ticket} />}
        {...number('quantity')}
      />
      {draft.orderType !== 'MARKET' && (
        <NumberField label="Price" buttons hint={priceHint(ticket)} {...number('price')} />
      )}
      <div className="fld">
        <div className="h">
          <span className="l">Time in force</span>
        </div>
        <Segmented<TimeInForce>
          label="Time in force"
          options={times}
          value={draft.timeInForce}
          locked={locked}
          onChange={(timeInForce) => ticket.change({ timeInForce })}
        />
        {told('timeInForce')}
      </div>
      <div className="two">
        {(['stopLoss', 'takeProfit'] as const).map((field) => {
          const away = stateOf(field) ? null : distance(ticket, field)
          return (
            <NumberField
              key={field}
              label={field === 'stopLoss' ? 'Stop loss' : 'Take profit'}
              placeholder="none"
              {...number(field)}
              messages={undefined}
              hint={phone && away ? away[1] : undefined}
              below={
                !phone &&
                away && (
                  <div className="sub2 num">
                    <span>{away[0]}</span>
                    <span>{away[1]}</span>
                  </div>
                )
              }
            />
          )
        })}
      </div>
      {told('stopLoss')}
      {told('takeProfit')}
      {!phone && <RiskReward ticket={ticket} />}
    </>
  )
}

function stepsOf(ticket: Ticket, field: 'quantity' | 'price' | 'stopLoss' | 'takeProfit'): Steps | undefined {
  const { instrument } = ticket
  if (!instrument) return undefined
  const step = field === 'quantity' ? instrument.lot_size : instrument.tick_size
  const start = field === 'quantity' ? step : floorTo((field === 'price' ? ticket.last : ticket.entry) ?? step, step)
  return {
    less: field === 'quantity' ? 'One lot less' : 'One tick down',
    more: field === 'quantity' ? 'One lot more' : 'One tick up',
    by: (direction, count) => {
      const next = stepBy(numberIn(ticket.draft[field]), step, direction, count, start)
      ticket.change({ [field]: withPlaces(next, step) })
    },
  }
}

function quantityHint(ticket: Ticket): string | undefined {
  if (!ticket.instrument) return undefined
  if (ticket.draft.side === 'BUY' || (ticket.free === 0n && ticket.account?.limits.short_selling))
    return `lot ${figure(ticket.instrument.lot_size)}`
  const legs = ticket.openSells.legs
  return `${figure(ticket.free)} free to sell${legs > 0n ? `, ${figure(legs)} in protective legs` : ''}`
}

function priceHint(ticket: Ticket): string | undefined {
  const { last, decimals, draft } = ticket
  const price = ticket.numbers.price
  const trigger = draft.orderType === 'STOP' ? 'trigger, ' : ''
  if (last === null) return draft.orderType === 'STOP' ? 'trigger' : undefined
  if (price === null) return `${trigger}last ${figure(last, decimals)}`
  const apart = price - last
  const share = percent(percentOf(apart, last))
  return trigger ? `${trigger}${share} from last` : `${signed(apart, decimals)} (${share}) from last`
}

// How far a leg is from the entry: ['−1.00', '−0.66 %'].
function distance(ticket: Ticket, field: 'stopLoss' | 'takeProfit'): [string, string] | null {
  const leg = ticket.numbers[field]
  const { entry, decimals } = ticket
  if (leg === null || entry === null || entry === 0n) return null
  return [signed(leg - entry, decimals), percent(percentOf(leg - entry, entry))]
}

function Chips({ ticket }: { ticket: Ticket }) {
  const { instrument, draft, max, free } = ticket
  if (!instrument || ticket.faults.byField.has('quantity')) return null
  const step = instrument.lot_size
  const fill = (value: Decimal) => () => ticket.change({ quantity: withPlaces(value, step) })
  const sells = draft.side === 'SELL' && (free > 0n || !ticket.account?.limits.short_selling)
  const chips = sells
    ? sellChips(free, step).map((chip) => ({
        ...chip,
        label: chip.label === 'All' ? `All ${figure(chip.value)}` : chip.label,
      }))
    : buyChips(instrument).map((value) => ({ label: figure(value), value }))
  return (
    // The focus stays in the field, so that Enter goes on to the review.
    <div className="chips" onPointerDown={(event) => event.preventDefault()}>
      {chips.map((chip) => (
        <button
          key={chip.label}
          type="button"
          tabIndex={-1} // the arrows and the field itself are the keyboard's way
          disabled={ticket.locked || chip.value === 0n}
          onClick={fill(chip.value)}
        >
          {chip.label}
        </button>
      ))}
      {max !== null && (
        <button type="button" className="end" tabIndex={-1} disabled={ticket.locked || max === 0n} onClick={fill(max)}>
          Max {figure(max)}
        </button>
      )}
    </div>
  )
}

function RiskReward({ ticket }: { ticket: Ticket }) {
  const found = ticket.riskReward
  if (!found) return null
  return (
    <div className="rr">
      <div className="ln num">
        <span className="t2">
          Risk <b className="down b">{figure(found.risk, 2)}</b>
        </span>
        <span className="t2">
          1 : <b className="t1 b">{figure(found.ratio, 2)}</b>
        </span>
        <span className="t2">
          Reward <b className="up b">{figure(found.reward, 2)}</b>
        </span>
      </div>
      <div className="rrb" aria-hidden="true" style={{ gridTemplateColumns: `1fr ${barShare(found.ratio)}fr` }}>
        <i />
        <i />
      </div>
    </div>
  )
}

// The reward's part of the bar, with the risk as 1; never so small or large that the other part is gone.
function barShare(ratio: Decimal): string {
  const bounded = ratio < 5_000_000n ? 5_000_000n : ratio > 2_000_000_000n ? 2_000_000_000n : ratio
  return withPlaces(bounded, 1_000_000n)
}
