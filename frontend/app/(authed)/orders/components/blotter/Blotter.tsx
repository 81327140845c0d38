// SPDX-License-Identifier: Apache-2.0
'use client'
// Orders, fills and positions, as tabs of one pane; on the phone as cards, positions on a page of their own.
import * as Tabs from '@radix-ui/react-tabs'
import dynamic from 'next/dynamic'
import { type ReactNode, useEffect, useState } from 'react'
import { Icon } from '@/components/Icon'
import { usePositions } from '@/lib/hooks/useAccount'
import { PHONE, useMedia } from '@/lib/hooks/useMedia'
import { useOpenOrders } from '@/lib/hooks/useOrders'
import { useSettings } from '@/lib/settings'
import { type BlotterTab, useView } from '@/lib/view'
import { Choice } from './Choice'
import { canCancel, useCancelQuestion } from './cancel'
import { fillsOfToday, useAllFills } from './fills'
import { anyOrder } from './typed'
import { useBlotterKeys } from './useBlotterKeys'

// The tables come after the first paint, while the first answers are on their way.
const load = {
  open: () => import('../OrderList').then((module) => module.OpenOrders),
  history: () => import('../OrderHistory').then((module) => module.OrderHistory),
  fills: () => import('./FillList').then((module) => module.FillList),
  positions: () => import('./PositionList').then((module) => module.PositionList),
}
const Pane = () => (
  <>
    <div className="tw" />
    <div className="tfoot" />
  </>
)
const OpenOrders = dynamic(load.open, { ssr: false, loading: Pane })
const OrderHistory = dynamic(load.history, { ssr: false, loading: Pane })
const FillList = dynamic(load.fills, { ssr: false, loading: Pane })
const PositionList = dynamic(load.positions, { ssr: false, loading: Pane })

export function Blotter() {
  const tab = useView((view) => view.tab)
  const phone = useMedia(PHONE)
  const utc = useSettings((settings) => settings.utc)
  const { rows, loading } = useOpenOrders()
  const { positions } = usePositions()
  const { fills, hasMore } = useAllFills()
  const today = fillsOfToday(fills, hasMore, utc)
  const [symbol, setSymbol] = useState<string | null>(null)
  const [typed, setTyped] = useState(anyOrder)
  const open = rows.filter((row) => row.doneAt === null).length
  const tools = tab === 'open' && rows.length > 0 && <OpenTools symbol={symbol} onSymbol={setSymbol} />
  useBlotterKeys()
  useEffect(() => {
    for (const part of Object.values(load)) void part()
  }, [])
  return (
    <Tabs.Root
      className="blot"
      value={tab}
      onValueChange={(value) => useView.getState().set({ tab: value as BlotterTab })}
    >
      <div className="tabs">
        <Tabs.List aria-label="Orders, fills and positions">
          <Tab value="open" count={loading ? null : open}>
            {phone ? 'Open' : 'Open orders'}
          </Tab>
          <Tab value="history">History</Tab>
          <Tab value="fills" count={loading ? null : today.fills.length} more={!today.whole}>
            Fills
          </Tab>
          {!phone && (
            <Tab value="positions" count={loading ? null : positions.length}>
              Positions
            </Tab>
          )}
        </Tabs.List>
        {!phone && tools}
      </div>
      {phone && tools}
      <Tabs.Content value="open" tabIndex={-1}>
        <OpenOrders symbol={symbol} />
      </Tabs.Content>
      <Tabs.Content value="history" tabIndex={-1}>
        <OrderHistory typed={typed} onType={setTyped} />
      </Tabs.Content>
      <Tabs.Content value="fills" tabIndex={-1}>
        <FillList />
      </Tabs.Content>
      <Tabs.Content value="positions" tabIndex={-1}>
        <PositionList />
      </Tabs.Content>
    </Tabs.Root>
  )
}

function Tab(props: { value: BlotterTab; count?: number | null; more?: boolean; children: ReactNode }) {
  return (
    <Tabs.Trigger value={props.value}>
      {props.children}
      {props.count !== undefined && (
        <span className="n">
          {props.count}
          {props.count !== null && props.more && '+'}
        </span>
      )}
    </Tabs.Trigger>
  )
}

function OpenTools({ symbol, onSymbol }: { symbol: string | null; onSymbol(symbol: string | null): void }) {
  const { rows } = useOpenOrders()
  const symbols = new Set(rows.map((row) => row.order.symbol))
  if (symbol !== null) symbols.add(symbol)
  const some = rows.some((row) => canCancel(row) && (symbol === null || row.order.symbol === symbol))
  return (
    <div className="rt">
      <Choice
        label="Symbol of the open orders"
        hidden
        first
        value={symbol ?? ''}
        options={[{ value: '', text: 'All symbols' }, ...[...symbols].sort().map((value) => ({ value, text: value }))]}
        onChange={(value) => onSymbol(value || null)}
      >
        <Icon name="filter" size="s" />
      </Choice>
      <button
        type="button"
        className="fbtn"
        disabled={!some}
        onClick={() => useCancelQuestion.setState({ all: { symbol } })}
      >
        Cancel all…
      </button>
    </div>
  )
}
