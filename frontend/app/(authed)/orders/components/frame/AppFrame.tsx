// SPDX-License-Identifier: Apache-2.0
'use client'
// What surrounds the trading page: who is there, how the account stands, whether the figures are true right now.
import dynamic from 'next/dynamic'
import { type ReactNode, useEffect } from 'react'
import { Toaster } from '@/components/Toaster'
import { useConnection } from '@/lib/hooks/useConnection'
import { PHONE, useMedia } from '@/lib/hooks/useMedia'
import { useView } from '@/lib/view'
import { OrderStatusSocket } from '../OrderStatusSocket'
import { AccountRows, AccountStrip } from './AccountStrip'
import { Banner } from './Banner'
import { ConnectionBadge } from './ConnectionBadge'
import { PhoneHead } from './PhoneHead'
import { PhoneTabs } from './PhoneTabs'
import { StatusBar } from './StatusBar'
import { TopBar } from './TopBar'
import { useFrameKeys } from './useFrameKeys'
import { useViewInUrl } from './useViewInUrl'

const Palette = dynamic(() => import('@/components/Palette').then((module) => module.Palette), { ssr: false })
const KeyList = dynamic(() => import('@/components/KeyList').then((module) => module.KeyList), { ssr: false })

export function AppFrame({ children }: { children: ReactNode }) {
  const phone = useMedia(PHONE)
  const { state } = useConnection()
  const overlay = useView((view) => view.overlay)
  useFrameKeys()
  useViewInUrl()
  useEffect(() => {
    document.title = 'Orders · OXE'
  }, [])
  return (
    <div className={`app ${phone ? 'phone' : ''} ${state === 'offline' ? 'old' : ''}`}>
      {phone ? (
        <PhoneHead />
      ) : (
        <>
          <nav className="skip" aria-label="Skip to">
            <a href="#ticket">Order ticket</a>
            <a href="#orders">Orders</a>
          </nav>
          <TopBar connection={<ConnectionBadge />} narrow={<AccountRows />}>
            <AccountStrip />
          </TopBar>
        </>
      )}
      <Banner />
      {children}
      {phone ? <PhoneTabs /> : <StatusBar />}
      <OrderStatusSocket />
      {phone && <Toaster />}
      {overlay === 'palette' && <Palette />}
      {overlay === 'keys' && <KeyList />}
    </div>
  )
}
