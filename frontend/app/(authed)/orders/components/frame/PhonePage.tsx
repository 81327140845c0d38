'use client'
// One page of the phone at a time. Ticket and review are sheets over it.
import { Icon } from '@/components/Icon'
import { arrow, changeOf, priceText } from '@/lib/change'
import { useDraft } from '@/lib/draft'
import { NONE } from '@/lib/format'
import { usePositions } from '@/lib/hooks/useAccount'
import { useInstrument, useInstruments } from '@/lib/hooks/useInstruments'
import { useView } from '@/lib/view'
import { Blotter } from '../blotter/Blotter'
import { Chart } from '../chart/PriceChart'
import { Gain, Held, IntervalChoice } from '../market/InstrumentHead'
import { OrderForm } from '../OrderForm'
import { PhoneAccount } from './PhoneAccount'

export function PhonePage() {
  const tab = useView((view) => view.phoneTab)
  return (
    <main className="pb" data-page={tab}>
      {tab === 'trade' && <Trade />}
      {(tab === 'orders' || tab === 'positions') && (
        <section className="blotter" id="orders" aria-label="Orders">
          <Blotter />
        </section>
      )}
      {tab === 'account' && <PhoneAccount />}
      <OrderForm />
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
          <span className="t3 num">
            <Held {...{ position, instrument }} /> <Gain value={position.unrealized_pnl} />
          </span>
        )}
      </div>
      <div className="pown" />
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
        <b>{symbol ?? NONE}</b>
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
        <span className="num psym-px">{instrument && last !== null ? priceText(last, instrument) : NONE}</span>{' '}
        {change && (
          <span className={`num ${change.kind}`}>
            {arrow[change.kind]} {change.percent}
          </span>
        )}
      </div>
    </div>
  )
}
