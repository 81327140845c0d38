// SPDX-License-Identifier: Apache-2.0
'use client'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { mutate } from 'swr'
import { useSessionEnd } from '@/lib/api'
import { useAuth } from '@/lib/auth/context'
import { homeOf } from '@/lib/auth/home'
import { SignIn } from '@/lib/auth/provider'

const begin = () => useSessionEnd.setState({ ended: null })

export default function SignInPage() {
  const router = useRouter()
  const { ready, signedIn, role } = useAuth()
  const ended = useSessionEnd((state) => state.ended !== null)
  // What one person has read is not for the next.
  useEffect(() => void mutate(() => true, undefined, { revalidate: false }), [])
  useEffect(() => {
    if (ready && signedIn && !ended) router.replace(homeOf(role))
  }, [ready, signedIn, ended, role, router])
  return (
    <main className="signin">
      <div>
        <div className="signin-brand">
          <svg width="26" height="26" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M3 3h14v14H3z" fill="none" stroke="var(--t1)" strokeWidth="1.8" />
            <path d="m6.6 6.6 6.8 6.8M13.4 6.6l-6.8 6.8" stroke="var(--t1)" strokeWidth="1.8" />
          </svg>
          <b>OXE</b>
        </div>
        <h1>Sign in</h1>
        <SignIn onDone={begin} />
        <p className="t3 signin-foot">The token lives in this tab’s memory and is renewed before it ends.</p>
      </div>
    </main>
  )
}
