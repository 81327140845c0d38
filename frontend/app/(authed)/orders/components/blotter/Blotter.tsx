'use client'
// Orders, fills and positions, as tabs of one pane; on the phone as cards, positions on a page of their own.
import dynamic from 'next/dynamic'
import { Tabs } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { Icon } from '@/components/Icon'
import { usePositions } from '@/lib/hooks/useAccount'
import { PHONE, useMedia } from '@/lib/hooks/useMedia'
import { useOpenOrders } from '@/lib/hooks/useOrders'
import { useSettings } from '@/lib/settings'
import { type BlotterTab, useView } from '@/lib/view'
import { anyOrder, OrderHistory } from '../OrderHistory'
import { OpenFoot, OrderList } from '../OrderList'
import { Choice } from './Choice'
import { canCancel, useCancelQuestion } from './cancel'
import { FillList, fillsOfToday, useAllFills } from './FillList'
import { PositionList } from './PositionList'
import { useBlotterKeys } from './useBlotterKeys'

const CancelDialogs = dynamic(() => import('./CancelDialogs').then((module) => module.CancelDialogs), { ssr: false })

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
  const asked = useCancelQuestion((question) => question.all || question.leg !== null)
  useBlotterKeys()
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
        {tab === 'open' && rows.length > 0 && <OpenTools symbol={symbol} onSymbol={setSymbol} />}
      </div>
      <Tabs.Content value="open" tabIndex={-1}>
        <OrderList symbol={symbol} />
        <OpenFoot />
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
      {asked && <CancelDialogs symbol={symbol} />}
    </Tabs.Root>
  )
}

function Tab(props: { value: BlotterTab; count?: number | null; more?: boolean; children: ReactNode }) {
  return (
    <Tabs.Trigger value={props.value}>
      {props.children}
      {typeof props.count === 'number' && (
        <span className="n">
          {props.count}
          {props.more && '+'}
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
      <button type="button" className="fbtn" disabled={!some} onClick={() => useCancelQuestion.setState({ all: true })}>
        Cancel all…
      </button>
    </div>
  )
}
