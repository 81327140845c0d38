// SPDX-License-Identifier: Apache-2.0
'use client'
// How the account stands, beside the mark.
import { Figure } from '@/components/Figure'
import { Meter } from '@/components/Meter'
import { Skeleton } from '@/components/Skeleton'
import { figure, money, signedMoney } from '@/lib/format'
import { useAccount } from '@/lib/hooks/useAccount'
import type { Account, Decimal } from '@/lib/types'

export function AccountStrip() {
  const { account } = useAccount()
  return (
    <section className="strip" aria-label="Account">
      <Item label="Equity" value={account?.equity} kind="main wide" follows />
      <Item label="Cash" value={account?.cash} kind="wide" />
      <Item label="Reserved" value={account?.reserved} kind="wide" />
      <Item label="Buying power" value={account?.buying_power} kind="main" />
      <DayLossMeter account={account} />
    </section>
  )
}

// The same figures as rows, for the menu of a narrow window.
export function AccountRows() {
  const { account } = useAccount()
  if (!account) return null
  return (
    <dl className="menu-acct num">
      {(['equity', 'cash', 'reserved'] as const).map((name) => (
        <div key={name}>
          <dt>{name[0]?.toUpperCase() + name.slice(1)}</dt>
          <dd>{money(account[name])}</dd>
        </div>
      ))}
    </dl>
  )
}

// What follows the prices changes every second, and does not fade each time.
function Item(props: { label: string; value: Decimal | undefined; kind: string; follows?: boolean }) {
  const { label, value, kind, follows = false } = props
  const text = value === undefined ? null : money(value)
  return (
    <div className={`si ${kind}`}>
      <div className="lbl">{label}</div>
      <div className="v num">{text === null ? <Skeleton width={76} /> : follows ? text : <Figure text={text} />}</div>
    </div>
  )
}

function DayLossMeter({ account }: { account: Account | null }) {
  return (
    <div className="si day">
      <div className="day-row">
        <span className="lbl">Day P&amp;L</span>
        <span className="lbl num day-limit">{account && lossText(account)}</span>
      </div>
      <div className="day-row">
        <span className="v num">{account ? <DayPnl value={account.day_pnl} /> : <Skeleton width={76} />}</span>
        {account ? <LossMeter account={account} /> : <span className="meter" />}
      </div>
    </div>
  )
}

export function DayPnl({ value }: { value: Decimal }) {
  const kind = value < 0n ? 'down' : value > 0n ? 'up' : ''
  return (
    <span key={`${value}`} className={`b ${kind}`}>
      {value !== 0n && <span aria-hidden="true">{value < 0n ? '▼ ' : '▲ '}</span>}
      {value === 0n ? '0.00' : signedMoney(value)}
    </span>
  )
}

export function LossMeter({ account }: { account: Account }) {
  const { usage, limits } = account
  return (
    <Meter
      value={usage.daily_loss}
      max={limits.daily_loss}
      label="Daily loss"
      kind="dn"
      text={`${money(usage.daily_loss)} of ${money(limits.daily_loss)}`}
    />
  )
}

const lossText = ({ usage, limits }: Account): string =>
  `${lossShare(usage.daily_loss, limits.daily_loss)} % of loss limit ${figure(limits.daily_loss, 2)}`

export const lossShare = (loss: Decimal, limit: Decimal): string =>
  (limit > 0n && loss > 0n ? (loss * 100n) / limit : 0n).toString()
