// SPDX-License-Identifier: Apache-2.0
'use client'
// The account and the settings, on the phone.
import { Icon } from '@/components/Icon'
import { Skeleton } from '@/components/Skeleton'
import { useAuth } from '@/lib/auth/context'
import { figure, money, zone } from '@/lib/format'
import { useAccount } from '@/lib/hooks/useAccount'
import { type Settings, useSettings } from '@/lib/settings'
import type { Decimal } from '@/lib/types'
import { LimitLine, useLimits } from '../market/Limits'
import { colourPairs, themes } from './looks'

export function PhoneAccount() {
  const { account } = useAccount()
  const limits = useLimits()
  const { subject, signOut } = useAuth()
  const settings = useSettings()
  return (
    <div className="pacct">
      <dl className="pacc">
        <Sum label="Equity" value={account?.equity} />
        <Sum label="Buying power" value={account?.buying_power} />
        <Sum label="Cash" value={account?.cash} />
        <Sum label="Reserved" value={account?.reserved} />
      </dl>
      <div className="lim">
        {limits?.map((limit) => (
          <LimitLine key={limit.name} limit={limit} />
        ))}
      </div>
      {account && (
        <dl className="prows num">
          <div>
            <dt>Price collar</dt>
            <dd>{figure(account.limits.price_collar_pct)} %</dd>
          </div>
          <div>
            <dt>Short selling</dt>
            <dd>{account.limits.short_selling ? 'on' : 'off'}</dd>
          </div>
        </dl>
      )}
      <h2 className="vh">Settings</h2>
      <Pick
        label="Theme"
        options={themes}
        value={settings.theme}
        onChange={(theme) => settings.set({ theme: theme as Settings['theme'] })}
      />
      <Pick
        label="Times"
        options={[
          { value: 'local', label: `Local (${zone(false)})` },
          { value: 'utc', label: 'UTC' },
        ]}
        value={settings.utc ? 'utc' : 'local'}
        onChange={(zone) => settings.set({ utc: zone === 'utc' })}
      />
      <Pick
        label="Sounds"
        options={onOff}
        value={word(settings.sounds)}
        onChange={(to) => settings.set({ sounds: to === 'on' })}
      />
      <Pick
        label="Single keys"
        options={onOff}
        value={word(settings.singleKeys)}
        onChange={(to) => settings.set({ singleKeys: to === 'on' })}
      />
      <Pick
        label="Up and down colours"
        options={colourPairs}
        value={settings.colours}
        onChange={(colours) => settings.set({ colours: colours as Settings['colours'] })}
      />
      <button type="button" className="prow" onClick={() => void signOut()}>
        <span>Signed in as {subject}</span>
        <span className="t2">Sign out</span>
      </button>
    </div>
  )
}

const onOff = [
  { value: 'off', label: 'Off' },
  { value: 'on', label: 'On' },
]
const word = (on: boolean): string => (on ? 'on' : 'off')

function Sum({ label, value }: { label: string; value: Decimal | undefined }) {
  return (
    <div>
      <dt className="lbl">{label}</dt>
      <dd className="v num">{value === undefined ? <Skeleton width={96} height={14} /> : money(value)}</dd>
    </div>
  )
}

function Pick(props: {
  label: string
  options: { value: string; label: string }[]
  value: string
  onChange(value: string): void
}) {
  return (
    <label className="prow">
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.onChange(event.target.value)}>
        {props.options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <Icon name="down" size="s" />
    </label>
  )
}
