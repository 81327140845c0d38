// SPDX-License-Identifier: Apache-2.0
'use client'
// The ticket's mind: draft, faults, preview, figures and where the order is on its way. The components only show it.
import { useEffect, useMemo, useState } from 'react'
import { decimalText, multiply, ONE, places } from '@/lib/decimal'
import { type Draft, useDraft } from '@/lib/draft'
import { useAccount, useHalts, usePositions } from '@/lib/hooks/useAccount'
import { useConnection } from '@/lib/hooks/useConnection'
import { useInstruments } from '@/lib/hooks/useInstruments'
import { useOpenOrders } from '@/lib/hooks/useOrders'
import { usePreview, useSubmit } from '@/lib/hooks/useSubmit'
import { toJson } from '@/lib/json'
import { checkDraft, numberIn, numbersOf, orderOf } from '@/lib/rules'
import { useOrdersOff } from '@/lib/submitting'
import type { Fault, NewOrder, Order } from '@/lib/types'
import { useView } from '@/lib/view'
import { allFixes, type Field, fieldOf, fixesFor, sortFaults, tidy } from './faults'
import { atLeastZero, entryPrice, estimate, marketCollar, maxToBuy, openQuantity, riskReward } from './figures'

const MARKET_COLLAR = 10n * ONE // percent; supposed until a preview tells it

const draftOf = (body: NewOrder): Draft => ({
  side: body.side ?? 'BUY',
  orderType: body.order_type,
  timeInForce: body.time_in_force ?? 'DAY',
  quantity: decimalText(body.quantity),
  price: body.price == null ? '' : decimalText(body.price),
  stopLoss: body.stop_loss == null ? '' : decimalText(body.stop_loss),
  takeProfit: body.take_profit == null ? '' : decimalText(body.take_profit),
})

const memberOf = { quantity: 'quantity', price: 'price', stopLoss: 'stop_loss', takeProfit: 'take_profit' } as const

// Whether the draft still says for FIELD what was sent: only then the server's word about it holds.
function stillSays(draft: Draft, symbol: string | null, sent: NewOrder, field: Field): boolean {
  switch (field) {
    case 'symbol':
      return symbol === sent.symbol
    case 'side':
      return draft.side === sent.side
    case 'orderType':
      return draft.orderType === sent.order_type
    case 'timeInForce':
      return draft.timeInForce === sent.time_in_force
    default:
      return numberIn(draft[field]) === (sent[memberOf[field]] ?? null)
  }
}

export function useTicket() {
  const typed = useDraft()
  const symbolInView = useView((view) => view.symbol)
  const setView = useView((view) => view.set)
  const submit = useSubmit()
  const { state } = submit
  const { instruments, loading } = useInstruments()
  const { account } = useAccount()
  const { positions } = usePositions()
  const { rows } = useOpenOrders()
  const halts = useHalts()
  const connection = useConnection()
  const off = useOrdersOff(({ problem }) => problem)
  const [left, setLeft] = useState<ReadonlySet<Field>>(new Set())
  const [asked, setAsked] = useState(false) // a review was asked for, so that every fault shows
  const [taken, setTaken] = useState<Order | null>(null)

  // What is under way keeps its figures, whatever a click on a price does to the draft meanwhile.
  const locked =
    state.kind === 'sending' ||
    state.kind === 'asking again' ||
    state.kind === 'rate limited' ||
    state.kind === 'signed out' ||
    state.kind === 'given up'
  const reviewing = state.kind === 'drawn' || state.kind === 'sending'
  const sent = locked || state.kind === 'drawn' ? state.body : null
  const draft = useMemo<Draft>(() => (sent ? draftOf(sent) : typed), [sent, typed])
  const symbol = sent?.symbol ?? symbolInView
  const instrument = instruments.find((one) => one.symbol === symbol) ?? null
  const numbers = numbersOf(draft)

  useEffect(() => {
    const first = instruments.find((one) => one.tradable)
    if (symbolInView === null && first) setView({ symbol: first.symbol })
  }, [instruments, symbolInView, setView])

  const instant = useMemo(
    () => (loading ? [] : checkDraft(draft, symbol, instrument)),
    [draft, symbol, instrument, loading],
  )
  const complete = instant.length === 0 && symbol !== null && numbers.quantity !== null && !loading
  const body = complete && symbol !== null ? orderOf(draft, symbol) : null
  const { preview, at: previewAt, checking, refresh } = usePreview(locked ? null : body)

  // A key belongs to exactly one body: where the draft has changed under a review, the review is over.
  const bodyText = body && state.kind === 'drawn' && symbolInView !== null ? bodyOfTyped(typed, symbolInView) : null
  useEffect(() => {
    if (state.kind === 'drawn' && bodyText !== toJson(state.body)) submit.dismiss()
  })

  // An order that was under way when the page was loaded shows its figures again once it is refused.
  useEffect(() => {
    if (state.kind !== 'refused' || useDraft.getState().quantity !== '') return
    setView({ symbol: state.body.symbol })
    useDraft.getState().set(draftOf(state.body))
  }, [state, setView])

  useEffect(() => {
    if (state.kind !== 'accepted') return
    setTaken(state.order)
    useDraft.getState().set({ quantity: '', price: '', stopLoss: '', takeProfit: '', timeInForce: 'DAY' })
    setLeft(new Set())
    setAsked(false)
    submit.dismiss()
  })

  const refusal = state.kind === 'refused' ? state : null
  const serverFaults = useMemo(() => {
    if (!refusal) return []
    return (refusal.problem.errors ?? []).filter((fault) => {
      const field = fieldOf(fault)
      return field === null || stillSays(draft, symbol, refusal.body, field)
    })
  }, [refusal, draft, symbol])

  const hidden: readonly Field[] = draft.orderType === 'MARKET' ? ['price'] : []
  const halt = halts.find((one) => one.scope !== 'SYMBOL' || one.symbol === symbol) ?? null
  const ofServer = sortFaults(serverFaults, hidden)
  const instantShown = instant.filter((fault) => {
    const field = fieldOf(fault)
    return field !== null && (asked || left.has(field)) && !ofServer.byField.has(field)
  })
  const cautions =
    preview && !preview.acceptable && complete
      ? preview.errors.filter((fault) => {
          const field = fieldOf(fault)
          if (halt && fault.code === 'TRADING_HALTED') return false
          return field === null ? ofServer.without.length === 0 : !ofServer.byField.has(field)
        })
      : []
  const faults = sortFaults([...instantShown, ...serverFaults], hidden)
  const fixes = fixesFor([...instantShown, ...serverFaults], draft, instrument)

  // What is held, free, and would be.
  const held = positions.find((position) => position.symbol === symbol)?.quantity ?? 0n
  const orders = useMemo(() => rows.filter((row) => !row.pending && !row.sketch).map((row) => row.order), [rows])
  const openSells = symbol === null ? { all: 0n, legs: 0n } : openQuantity(orders, symbol, 'SELL')
  const openBuys = symbol === null ? { all: 0n, legs: 0n } : openQuantity(orders, symbol, 'BUY')
  const free = atLeastZero(held - openSells.all)
  const last = instrument?.last_price ?? null
  const entry = entryPrice(draft.orderType, numbers.price, last)
  const collar = draft.orderType === 'LIMIT' ? 0n : (marketCollar(preview, numbers.quantity) ?? MARKET_COLLAR)
  const max =
    account && instrument && entry !== null && draft.side === 'BUY'
      ? maxToBuy(account, held, openBuys.all, entry, multiply(entry, ONE + collar / 100n), instrument.lot_size)
      : null

  return {
    draft,
    symbol,
    instruments,
    instrument,
    loading: loading && instruments.length === 0,
    decimals: instrument ? places(instrument.tick_size) : 2,
    last,
    entry,
    numbers,
    account,
    held,
    free,
    openSells,
    max,
    faults,
    fixes,
    cautions: sortFaults(cautions, hidden),
    warnings: complete ? (preview?.warnings ?? []) : [],
    instantCount: new Set(instant.map(fieldOf)).size,
    asked: asked && instant.length > 0,
    complete,
    preview: complete ? preview : null,
    previewAt,
    checking: complete && checking,
    refresh,
    halt,
    offline: connection.state === 'offline',
    off, // why no orders are taken of this person
    waits: connection.state === 'offline' || off !== null,
    ordersPerMinute: connection.ordersPerMinute ?? account?.limits.orders_per_minute ?? null,
    estimate: estimate({
      side: draft.side,
      type: draft.orderType,
      quantity: complete ? numbers.quantity : null,
      price: numbers.price,
      last,
      held,
      power: account?.buying_power ?? null,
      preview: complete ? preview : null,
    }),
    riskReward: riskReward(draft.side, numbers.quantity, entry, numbers.stopLoss, numbers.takeProfit),
    submit,
    state,
    locked,
    reviewing,
    taken,

    change(next: Partial<Draft>) {
      if (locked) return
      setTaken(null)
      useDraft.getState().set(next)
    },
    choose(next: string) {
      if (!locked) setView({ symbol: next })
    },
    leave(field: 'quantity' | 'price' | 'stopLoss' | 'takeProfit') {
      const text = draft[field]
      // An empty field that nobody has filled is no fault yet: one may only pass by.
      if (locked || text === '') return
      const step = field === 'quantity' ? instrument?.lot_size : instrument?.tick_size
      const tidied = tidy(text, step ?? null)
      if (tidied !== text) useDraft.getState().set({ [field]: tidied })
      setLeft((before) => new Set(before).add(field))
    },
    clear() {
      if (locked) return
      setTaken(null)
      setAsked(false)
      setLeft(new Set())
      useDraft.getState().set({ quantity: '', price: '', stopLoss: '', takeProfit: '', timeInForce: 'DAY' })
      if (state.kind === 'refused') submit.dismiss()
    },
    correctAll() {
      useDraft.getState().set(allFixes(fixes))
    },
    // Draws the key and opens the review; returns the first field at fault where there is one.
    review(): Field | null {
      if (locked || off || connection.state === 'offline') return null
      if (body === null || symbol === null) {
        setAsked(true)
        return instant.map(fieldOf).find((field) => field !== null) ?? null
      }
      setTaken(null)
      setAsked(false)
      submit.draw(body, refusal?.problem.order_id)
      refresh()
      return null
    },
    back() {
      if (state.kind === 'drawn') submit.dismiss()
    },
  }
}

function bodyOfTyped(typed: Draft, symbol: string): string | null {
  try {
    return toJson(orderOf(typed, symbol))
  } catch {
    return null
  }
}

export type Ticket = ReturnType<typeof useTicket>
export type FaultList = readonly Fault[]
