// SPDX-License-Identifier: Apache-2.0
'use client'
// The top of the phone's screen: where one is, how one is connected, what one can spend and has lost today.
import { Fragment } from 'react'
import { Figure } from '@/components/Figure'
import { Skeleton } from '@/components/Skeleton'
import { money } from '@/lib/format'
import { useAccount } from '@/lib/hooks/useAccount'
import { useView } from '@/lib/view'
import { DayPnl, LossMeter, lossShare } from './AccountStrip'
import { ConnectionBadge } from './ConnectionBadge'
import { phonePages } from './PhoneTabs'

export function PhoneHead() {
  const { account } = useAccount()
  const tab = useView((view) => view.phoneTab)
  return (
    <header className="pt0">
      <div className="row">
        <h1>{phonePages[tab].name}</h1>
        <span className="grow" />
        <ConnectionBadge />
      </div>
      <div className="pt0-acct">
        <span className="t3">
          Buying power{' '}
          <b className="b t1 num">
            {account ? <Figure text={money(account.buying_power)} /> : <Skeleton width={76} />}
          </b>
        </span>
        <span className="t3 num">
          {account ? (
            <Fragment key={`${account.day_pnl} ${account.usage.daily_loss}`}>
              Day <DayPnl value={account.day_pnl} /> {lossShare(account.usage.daily_loss, account.limits.daily_loss)} %
            </Fragment>
          ) : (
            <Skeleton width={128} />
          )}
        </span>
      </div>
      {account ? <LossMeter account={account} /> : <span className="meter" />}
    </header>
  )
}
