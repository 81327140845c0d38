// SPDX-License-Identifier: Apache-2.0
'use client'
// What the palette can do with what was typed, for the role of who types: a trader's orders, instruments and lists; the parts of the
// other roles' pages; and settings.
import { canCancel, requestCancel } from '@/app/(authed)/orders/components/blotter/cancel'
import { toggleTheme } from '@/app/(authed)/orders/components/frame/useLook'
import { useAuth } from '@/lib/auth/context'
import { priceText, quantityText } from '@/lib/change'
import { type Command, type OrderCommand, readCommand } from '@/lib/command'
import { emptyDraft, useDraft } from '@/lib/draft'
import { age, figure } from '@/lib/format'
import { usePositions } from '@/lib/hooks/useAccount'
import { useInstruments } from '@/lib/hooks/useInstruments'
import { type Row, useOpenOrders } from '@/lib/hooks/useOrders'
import { runKey } from '@/lib/keys'
import { useSettings } from '@/lib/settings'
import { stateWord } from '@/lib/state'
import type { Instrument, Position, Role } from '@/lib/types'
import { useView } from '@/lib/view'

export interface Item {
  key: string
  name: string
  more?: string
  price?: string // stands at the end
  keys?: string[]
  run: null | (() => void) // null: it only tells
  focus?: () => void // where the focus goes then, if not back
}

export interface Group {
  name: string
  items: Item[]
}

const EACH_MAX = 5
const none: Command = { kind: 'none' }

export function useItems(text: string): Group[] {
  const { role, signOut } = useAuth()
  const { instruments } = useInstruments()
  const { positions } = usePositions()
  const { rows } = useOpenOrders()
  const settings = useSettings()
  const trader = role === 'trader'
  const command = trader
    ? readCommand(text, (symbol) => instruments.some((each) => each.symbol === symbol && each.tradable))
    : none
  const asked = command.kind === 'order' ? command.order.symbol : text
  const places = [
    ...parts[role],
    ...look(settings),
    { key: 'keys', name: 'Keyboard', keys: ['?'], run: () => useView.getState().set({ overlay: 'keys' }) },
    { key: 'out', name: 'Sign out', run: () => void signOut() },
  ]
  const groups: Group[] = [
    { name: 'Order', items: orderItems(command, instruments) },
    { name: 'Instruments', items: trader ? instrumentItems(asked, instruments, positions) : [] },
    { name: 'Orders', items: trader ? orderRows(asked, rows) : [] },
    { name: 'Go to', items: command.kind === 'none' ? places.filter((item) => fits(text, item.name)) : [] },
  ]
  return groups.filter((group) => group.items.length > 0)
}

function fits(text: string, ...names: string[]): boolean {
  const name = names.join(' ').toLowerCase()
  return text
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .every((word) => name.includes(word))
}

function fillTicket({ symbol, ...draft }: OrderCommand): void {
  // The symbol first: a new one clears the prices of the draft.
  useView.getState().set({ symbol, order: null, phoneTab: 'trade', phoneTicket: true })
  useDraft.getState().set({ ...emptyDraft, ...draft })
}

// On to the ticket's quantity, from where Enter reviews.
const toQuantity = () => runKey('q')

function orderItems(command: Command, instruments: Instrument[]): Item[] {
  if (command.kind === 'partial')
    return [{ key: 'partial', name: `${command.side} …`, more: `${command.next} next`, run: null }]
  if (command.kind === 'fault') return [{ key: 'fault', name: 'Not an order yet', more: command.text, run: null }]
  if (command.kind === 'none') return []
  const { order } = command
  const { side, quantity, symbol, orderType, price, timeInForce } = order
  const last = instruments.find((each) => each.symbol === symbol)
  const lastText = last?.last_price ? `last ${priceText(last.last_price, last)}` : ''
  const tif = timeInForce === 'DAY' ? '' : ` ${timeInForce}`
  const market: Item = {
    key: 'market',
    name: `${side} ${quantity} ${symbol} MARKET${orderType === 'MARKET' ? tif : ''}`,
    more: orderType === 'MARKET' ? `fills the ticket, sends nothing${lastText && ` · ${lastText}`}` : lastText,
    run: () => fillTicket({ ...order, orderType: 'MARKET', price: '' }),
    focus: toQuantity,
  }
  if (orderType === 'MARKET') return [market]
  const limit: Item = {
    key: 'limit',
    name: `${side} ${quantity} ${symbol} LIMIT ${price}${tif}`,
    more: 'fills the ticket, sends nothing',
    run: () => fillTicket(order),
    focus: toQuantity,
  }
  return [limit, market]
}

const instrumentItems = (text: string, instruments: Instrument[], positions: Position[]): Item[] =>
  instruments
    .filter((each) => each.tradable && fits(text, each.symbol, each.name))
    .slice(0, EACH_MAX)
    .map((each) => {
      const held = positions.find((position) => position.symbol === each.symbol)?.quantity ?? 0n
      return {
        key: `instrument ${each.symbol}`,
        name: each.symbol,
        more: `${each.name}${held === 0n ? '' : ` · ${quantityText(held, each)} held`}`,
        price: each.last_price === null ? undefined : priceText(each.last_price, each),
        run: () => useView.getState().set({ symbol: each.symbol, phoneTab: 'trade' }),
      }
    })

function orderRows(text: string, rows: Row[]): Item[] {
  if (text.trim() === '') return []
  return rows
    .filter((row) => !row.pending && !row.sketch && row.doneAt === null)
    .filter(({ order }) => fits(text, order.symbol, order.side, order.order_type, 'cancel'))
    .slice(0, EACH_MAX)
    .flatMap((row) => {
      const { id, symbol, side, quantity, order_type, price, created_at } = row.order
      const open: Item = {
        key: `order ${id}`,
        name: `${symbol} ${side} ${figure(quantity)} ${order_type}${price === null ? '' : ` ${figure(price, 2)}`}`,
        more: `${stateWord(row.order).toLowerCase()}, ${age(Date.now() - Date.parse(created_at))}`,
        run: () => useView.getState().set({ order: id, phoneTab: 'orders' }),
      }
      const cancel: Item = {
        key: `cancel ${id}`,
        name: `Cancel ${symbol} ${side} ${figure(quantity)}`,
        more: row.order.parent_order_id ? 'asks first' : 'at once',
        run: () => requestCancel(row),
      }
      return canCancel(row) ? [open, cancel] : [open]
    })
}

const tab = (key: string, name: string, tab: 'open' | 'history' | 'fills' | 'positions'): Item => ({
  key: tab,
  name,
  keys: [key],
  run: () => useView.getState().set({ tab, order: null, phoneTab: tab === 'positions' ? 'positions' : 'orders' }),
})

// A part of the page by its name for screen readers: its first field or button.
const part = (name: string, label: string): Item => ({
  key: label,
  name,
  run: () => {},
  focus: () =>
    document
      .querySelector<HTMLElement>(`[aria-label="${label}"] :is(input, select, button, a[href], [tabindex="0"])`)
      ?.focus(),
})

const parts: Record<Role, Item[]> = {
  trader: [
    tab('1', 'Open orders', 'open'),
    tab('2', 'History', 'history'),
    tab('3', 'Fills', 'fills'),
    tab('4', 'Positions', 'positions'),
  ],
  compliance: [part('Search the log', 'Audit trail')],
  operations: [part('Halt trading', 'Halt trading')],
}

function look(settings: ReturnType<typeof useSettings.getState>): Item[] {
  const dark = document.documentElement.dataset.theme === 'dark'
  return [
    { key: 'theme', name: dark ? 'Light theme' : 'Dark theme', keys: ['Shift', 'D'], run: toggleTheme },
    {
      key: 'sounds',
      name: settings.sounds ? 'Sounds off' : 'Sounds on',
      keys: ['Shift', 'M'],
      run: () => runKey('shift+m'),
    },
    {
      key: 'utc',
      name: settings.utc ? 'Times as here' : 'Times in UTC',
      keys: ['Shift', 'U'],
      run: () => runKey('shift+u'),
    },
    {
      key: 'single',
      name: settings.singleKeys ? 'Single keys off' : 'Single keys on',
      run: () => settings.set({ singleKeys: !settings.singleKeys }),
    },
  ]
}
