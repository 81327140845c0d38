// SPDX-License-Identifier: Apache-2.0
'use client'
// Everything behind the sign-in. Who is not signed in is led to it; until that is known, nothing is shown that would jump away.
import { usePathname, useRouter } from 'next/navigation'
import { type ReactNode, useEffect } from 'react'
import { SWRConfig } from 'swr'
import { useSessionEnd } from '@/lib/api'
import { useAuth } from '@/lib/auth/context'
import { homeOf } from '@/lib/auth/home'
import { NoAccount } from './NoAccount'
import { SessionEnded } from './SessionEnded'

const reading = { revalidateOnFocus: false, keepPreviousData: true, shouldRetryOnError: false }

export default function AuthedLayout({ children }: { children: ReactNode }) {
  const router = useRouter()
  const path = usePathname()
  const { ready, signedIn, role } = useAuth()
  const ended = useSessionEnd((state) => state.ended !== null)
  // The trading page has nothing for those who have no orders.
  const misled = signedIn && role !== 'trader' && path.startsWith('/orders')
  const away = !ready ? null : !signedIn && !ended ? '/sign-in/' : misled ? homeOf(role) : null
  useEffect(() => {
    if (away) router.replace(away)
  }, [away, router])
  // The bar of the page to come; of the same height, so that nothing jumps.
  if (!ready || away)
    return (
      <div className="app" aria-busy="true">
        <header className="top" />
        <p className="vh">Loading</p>
      </div>
    )
  return (
    <SWRConfig value={reading}>
      {children}
      <NoAccount />
      <SessionEnded />
    </SWRConfig>
  )
}
