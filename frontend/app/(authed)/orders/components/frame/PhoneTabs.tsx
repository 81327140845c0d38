// SPDX-License-Identifier: Apache-2.0
'use client'
// The pages of the phone, below the thumb.
import { Icon, type IconName } from '@/components/Icon'
import { useOpenOrders } from '@/lib/hooks/useOrders'
import { useView, type View } from '@/lib/view'

type PhoneTab = View['phoneTab']

export const phonePages: Record<PhoneTab, { name: string; icon: IconName }> = {
  trade: { name: 'Trade', icon: 'trade' },
  orders: { name: 'Orders', icon: 'orders' },
  positions: { name: 'Positions', icon: 'positions' },
  account: { name: 'Account', icon: 'account' },
}

export function PhoneTabs() {
  const { phoneTab, set } = useView()
  const open = useOpenOrders().rows.filter((row) => row.doneAt === null).length
  return (
    <nav className="pn" aria-label="Pages">
      {(Object.keys(phonePages) as PhoneTab[]).map((tab) => (
        <button
          key={tab}
          type="button"
          aria-current={tab === phoneTab ? 'page' : undefined}
          onClick={() => set({ phoneTab: tab })}
        >
          <Icon name={phonePages[tab].icon} />
          {phonePages[tab].name}
          {tab === 'orders' && open > 0 && (
            <span className="bdg">
              {open}
              <span className="vh"> open</span>
            </span>
          )}
        </button>
      ))}
    </nav>
  )
}
