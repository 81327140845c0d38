// SPDX-License-Identifier: Apache-2.0
'use client'
// One page of the phone at a time. Ticket and review are sheets over it.
import { Fragment, useEffect } from 'react'
import { Icon } from '@/components/Icon'
import { Skeleton } from '@/components/Skeleton'
import { arrow, changeOf, priceText } from '@/lib/change'
import { useDraft } from '@/lib/draft'
import { NONE } from '@/lib/format'
import { usePositions } from '@/lib/hooks/useAccount'
import { useInstrument, useInstruments } from '@/lib/hooks/useInstruments'
import { useView } from '@/lib/view'
import { Blotter } from '../blotter/Blotter'
import { Overlays } from '../blotter/Overlays'
import { PositionList } from '../blotter/PositionList'
import { Chart } from '../chart/PriceChart'
import { Gain, Held, IntervalChoice } from '../market/InstrumentHead'
import { OrderForm } from '../OrderForm'
import { OrderList } from '../OrderList'
import { PhoneAccount } from './PhoneAccount'

export function PhonePage() {
  const tab = useView((view) => view.phoneTab)
  // Positions are a page here, not a tab of the orders.
  const lists = useView((view) => view.tab)
  useEffect(() => {
    if (lists === 'positions') useView.getState().set({ tab: 'open', phoneTab: 'positions' })
  }, [lists])
  return (
    <main className="pb" data-page={tab}>
      {tab === 'trade' && <Trade />}
      {tab === 'positions' && (
        <div className="blotter">
          <PositionList />
        </div>
      )}
      {tab === 'orders' && (
        <section className="blotter" id="orders" aria-label="Orders">
          <Blotter />
        </section>
      )}
      {tab === 'account' && <PhoneAccount />}
      <OrderForm />
      <Overlays />
    </main>
  )
}

function Trade() {
  const { symbol, set } = useView()
  const instrument = useInstrument(symbol)
  const { positions } = usePositions()
  const position = positions.find((one) => one.symbol === symbol && one.quantity !== 0n)
  const draft = useDraft((state) => state.set)
  return (
    <>
      <SymbolRow />
      <div className="chart-box">
        <Chart />
      </div>
      <div className="ptools">
        <IntervalChoice />
        {position && instrument && (
          <span key={`${position.quantity} ${position.unrealized_pnl}`} className="t3 num">
            <Held {...{ position, instrument }} /> <Gain value={position.unrealized_pnl} />
          </span>
        )}
      </div>
      <section className="pown" aria-label={`Open orders, ${symbol}`}>
        <OrderList symbol={symbol} />
      </section>
      <div className="bs">
        <button
          type="button"
          className="btn buy"
          onClick={() => {
            draft({ side: 'BUY' })
            set({ phoneTicket: true })
          }}
        >
          <span aria-hidden="true">▲ </span>Buy
        </button>
        <button
          type="button"
          className="btn sell"
          onClick={() => {
            draft({ side: 'SELL' })
            set({ phoneTicket: true })
          }}
        >
          <span aria-hidden="true">▼ </span>Sell
        </button>
      </div>
    </>
  )
}

// A native select lies over the symbol: the phone's own list is the best one there is.
function SymbolRow() {
  const { instruments } = useInstruments()
  const { symbol, set } = useView()
  const instrument = useInstrument(symbol)
  const change = instrument && changeOf(instrument)
  const last = instrument?.last_price ?? null
  return (
    <div className="psym">
      <label>
        <b>{symbol ?? <Skeleton width={56} />}</b>
        <Icon name="down" size="s" />
        <span className="t3 ell">{instrument?.name}</span>
        <select aria-label="Symbol" value={symbol ?? ''} onChange={(event) => set({ symbol: event.target.value })}>
          {instruments.map((each) => (
            <option key={each.symbol} value={each.symbol} disabled={!each.tradable}>
              {each.symbol} · {each.name}
            </option>
          ))}
        </select>
      </label>
      <div className="r">
        {instrument ? (
          <Fragment key={`${last} ${change?.percent}`}>
            <span className="num psym-px">{last === null ? NONE : priceText(last, instrument)}</span>{' '}
            <span className={`num ${change?.kind ?? ''}`}>{change && `${arrow[change.kind]} ${change.percent}`}</span>
          </Fragment>
        ) : (
          <Skeleton width={150} height={18} />
        )}
      </div>
    </div>
  )
}
