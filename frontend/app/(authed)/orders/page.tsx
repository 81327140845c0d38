// SPDX-License-Identifier: Apache-2.0
'use client'
// The trading page: instruments, head and chart, orders, ticket. On the phone one of them at a time, chosen by the tabs below.
import dynamic from 'next/dynamic'
import { type CSSProperties, useRef } from 'react'
import { Toaster } from '@/components/Toaster'
import { PHONE, useMedia } from '@/lib/hooks/useMedia'
import { useSettings } from '@/lib/settings'
import { Blotter } from './components/blotter/Blotter'
import { Overlays } from './components/blotter/Overlays'
import { Chart } from './components/chart/PriceChart'
import { Splitter } from './components/frame/Splitter'
import { InstrumentHead } from './components/market/InstrumentHead'
import { Instruments } from './components/market/Instruments'
import { OrderForm } from './components/OrderForm'

const PhonePage = dynamic(() => import('./components/frame/PhonePage').then((module) => module.PhonePage), {
  ssr: false,
  loading: () => <main className="pb" />,
})

export default function Orders() {
  const phone = useMedia(PHONE)
  return phone ? <PhonePage /> : <DesktopPage />
}

function DesktopPage() {
  const wide = useMedia('(min-width: 1180px)')
  const share = useSettings((settings) => settings.chartShare)
  const centre = useRef<HTMLDivElement>(null)
  return (
    <main className="trade">
      {wide && (
        <section className="pane" aria-label="Instruments">
          <Instruments />
        </section>
      )}
      <div className="pane centre" ref={centre} style={{ '--chart-share': share } as CSSProperties}>
        <InstrumentHead />
        <div className="chart-box">
          <Chart />
          <Toaster />
        </div>
        <Splitter pane={centre} />
        <section className="blotter" id="orders" aria-label="Orders" tabIndex={-1}>
          <Blotter />
        </section>
      </div>
      <section className="pane" id="ticket" aria-label="Order ticket" tabIndex={-1}>
        <OrderForm />
      </section>
      <Overlays />
    </main>
  )
}
