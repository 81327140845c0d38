'use client'
// What surrounds the trading page: who is there, how the account stands, whether the figures are true right now.
import type { ReactNode } from 'react'
import { OrderStatusSocket } from '../OrderStatusSocket'
import { StatusBar } from './StatusBar'
import { TopBar } from './TopBar'

export function AppFrame({ children }: { children: ReactNode }) {
  return (
    <div className="app">
      <TopBar />
      {children}
      <StatusBar />
      <OrderStatusSocket />
    </div>
  )
}
