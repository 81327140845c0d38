// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react'
import { AppFrame } from './components/frame/AppFrame'

export default function OrdersLayout({ children }: { children: ReactNode }) {
  return <AppFrame>{children}</AppFrame>
}
