'use client'
// Everything behind the sign-in. Who is not signed in is led to it; until that is known, nothing is shown that would jump away.
import { useRouter } from 'next/navigation'
import { type ReactNode, useEffect } from 'react'
import { SWRConfig } from 'swr'
import { useSessionEnd } from '@/lib/api'
import { useAuth } from '@/lib/auth/context'
import { SessionEnded } from './SessionEnded'

const reading = { revalidateOnFocus: false, keepPreviousData: true, shouldRetryOnError: false }

export default function AuthedLayout({ children }: { children: ReactNode }) {
  const router = useRouter()
  const { ready, signedIn } = useAuth()
  const ended = useSessionEnd((state) => state.ended !== null)
  const away = ready && !signedIn && !ended
  useEffect(() => {
    if (away) router.replace('/sign-in/')
  }, [away, router])
  // The bars of the page to come; of the same height, so that nothing jumps.
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
      <SessionEnded />
    </SWRConfig>
  )
}
