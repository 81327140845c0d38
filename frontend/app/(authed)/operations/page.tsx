// SPDX-License-Identifier: Apache-2.0
'use client'
// Operations: what is halted, which orders are in doubt, who works, and the means to act on each.
import { useState } from 'react'
import { Age } from '@/components/Age'
import { DeskFrame } from '@/components/DeskFrame'
import { useAuth } from '@/lib/auth/context'
import { age, clock } from '@/lib/format'
import type { Polled } from '@/lib/hooks/usePolled'
import { useSettings } from '@/lib/settings'
import { useDone } from './components/done'
import { HaltForm } from './components/HaltForm'
import { Halts } from './components/Halts'
import { InDoubt } from './components/InDoubt'
import { KnownFacts } from './components/KnownFacts'
import { Lanes } from './components/Lanes'
import { PutAsideList } from './components/PutAsideList'
import { ResolveForm } from './components/ResolveForm'
import { ServiceGrid, ThisGateway } from './components/ServiceGrid'
import { useOperations } from './components/useOperations'

const STALE_MS = 10_000

export default function OperationsPage() {
  const auth = useAuth()
  return auth.role === 'operations' ? <Operations /> : <Refused />
}

function Refused() {
  return (
    <DeskFrame needs="operations" latestAt={null} failed={false} className="ops">
      {null}
    </DeskFrame>
  )
}

function Operations() {
  const operations = useOperations()
  const { halts, questions, lanes, services, gateway } = operations
  const utc = useSettings((state) => state.utc)
  const [chosen, setChosen] = useState<string | null>(null)
  const orders = questions.data?.orders ?? []
  const order = orders.find((one) => one.id === chosen) ?? orders[0] ?? null
  const oldest = orders[0]
  const aside = questions.data?.put_aside ?? null
  return (
    <DeskFrame
      needs="operations"
      latestAt={operations.latestAt}
      failed={operations.halts.error !== null && operations.questions.error !== null}
      className="ops"
    >
      <section className="pane" aria-label="Halts">
        <div className="ph">
          <h2>Halts in force</h2>
          <span className="cnt num">{halts.data?.length ?? ''}</span>
          <Asked of={halts} verb="asked" />
        </div>
        <Halts halts={halts.data} utc={utc} onChange={halts.refresh} />
        <div className="ph sec">
          <h2>Halt trading</h2>
        </div>
        <HaltForm operations={operations} />
        <Done utc={utc} />
      </section>

      <section className="pane" aria-label="Orders in doubt">
        <div className="ph">
          <h2>Orders in doubt</h2>
          <span className="cnt num">
            {questions.data && orders.length}
            {oldest && (
              <>
                , oldest <Age at={Date.parse(oldest.created_at)} text={age} />
              </>
            )}
          </span>
          <Asked of={questions} verb="asked" />
        </div>
        <InDoubt orders={questions.data ? orders : null} chosen={order?.id ?? null} onChoose={setChosen} />
        {order && (
          <>
            <ResolveForm key={order.id} order={order} onAsked={questions.refresh} />
            <div className="ph sec">
              <h2>What OXE knows of it</h2>
              <span className="cnt">its trail is read by its trader and by compliance</span>
            </div>
            <KnownFacts order={order} lane={lanes.data?.find((lane) => lane.lane === order.lane) ?? null} utc={utc} />
          </>
        )}
        <div className="ph sec">
          <h2>Put aside</h2>
          <span className="cnt num">{aside && (aside.length > 0 ? `${aside.length}, newest first` : '0')}</span>
        </div>
        <PutAsideList entries={aside} utc={utc} />
      </section>

      <section className="pane" aria-label="Services">
        <div className="ph">
          <h2>Services</h2>
          <Asked of={services} verb="checked" />
        </div>
        <ServiceGrid services={services.data} />
        <div className="ph">
          <h2>Lanes</h2>
          <span className="cnt">{lanes.data && `${lanes.data.length}, owner and open orders`}</span>
          <Asked of={lanes} verb="asked" />
        </div>
        <Lanes lanes={lanes.data} utc={utc} />
        <div className="ph sec">
          <h2>This gateway</h2>
          <span className="cnt">/readyz</span>
          <Asked of={gateway} verb="asked" />
        </div>
        <ThisGateway readiness={gateway.data} />
      </section>
    </DeskFrame>
  )
}

// How old a part is; in the colour of a caution when it is too old, or its last try failed.
function Asked({ of, verb }: { of: Polled<unknown>; verb: string }) {
  if (of.at === null) return <span className="cnt asked">{of.error ? 'no answer' : 'asking…'}</span>
  return (
    <span className={`cnt num asked${of.error ? ' warn' : ''}`}>
      <Age at={of.at} text={(ms) => `${verb} ${age(ms)} ago${of.error || ms > STALE_MS ? ', stale' : ''}`} />
    </span>
  )
}

function Done({ utc }: { utc: boolean }) {
  const { subject } = useAuth()
  const deeds = useDone((state) => state.deeds)
  return (
    <>
      <div className="ph sec">
        <h2>Done in this session</h2>
      </div>
      {deeds.length === 0 ? (
        <p className="none">Nothing yet. What the server confirms is listed here; the audit log keeps it.</p>
      ) : (
        <ul className="feed deeds">
          {deeds.map((deed) => (
            <li key={`${deed.at} ${deed.text}`}>
              <time className="num">{clock(new Date(deed.at).toISOString(), utc)}</time>
              <span title={deed.text}>
                <b>{subject}</b> {deed.text}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
