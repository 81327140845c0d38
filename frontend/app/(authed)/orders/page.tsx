'use client'
import { Blotter } from './components/blotter/Blotter'
import { Chart } from './components/chart/PriceChart'
import { InstrumentHead } from './components/market/InstrumentHead'
import { Instruments } from './components/market/Instruments'
import { OrderForm } from './components/OrderForm'

export default function Orders() {
  return (
    <main className="trade">
      <section className="pane" aria-label="Instruments">
        <Instruments />
      </section>
      <div className="pane centre">
        <InstrumentHead />
        <div className="chart-box">
          <Chart />
        </div>
        <section className="blotter" id="orders" aria-label="Orders" tabIndex={-1}>
          <Blotter />
        </section>
      </div>
      <section className="pane" id="ticket" aria-label="Order ticket" tabIndex={-1}>
        <OrderForm />
      </section>
    </main>
  )
}
