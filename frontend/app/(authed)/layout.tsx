'use client'
// Everything behind the sign-in. Who is not signed in is led to it; until that is known, nothing is shown that would jump away.
import { useRouter } from 'next/navigation'
import { type ReactNode, useEffect } from 'react'
import { SWRConfig } from 'swr'
import { useSessionEnd } from '@/lib/api'
import { useAuth } from '@/lib/auth/context'

export default function AuthedLayout({ children }: { children: ReactNode }) {
  const router = useRouter()
  const { ready, signedIn } = useAuth()
  const ended = useSessionEnd((state) => state.ended !== null)
  useEffect(() => {
    if (ready && !signedIn && !ended) router.replace('/sign-in/')
  }, [ready, signedIn, ended, router])
  if (!ready || !signedIn) return null
  return (
    <SWRConfig value={{ revalidateOnFocus: false, keepPreviousData: true, shouldRetryOnError: false }}>
      {children}
    </SWRConfig>
  )
}
