// SPDX-License-Identifier: Apache-2.0
'use client'
// Sign-in by Clerk. It keeps the session and renews its tokens, which live for a minute; the role is the claim oxe_role of the token.
import { ClerkProvider, SignIn as ClerkSignIn, useAuth as useClerkAuth } from '@clerk/react'
import { type ReactNode, useEffect } from 'react'
import { NoSession, setTokenSource, useSessionEnd } from '../api'
import type { Role } from '../types'
import { AuthContext } from './context'

const KEY = process.env.NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY ?? ''

const roleOf = (claim: unknown): Role => (claim === 'compliance' || claim === 'operations' ? claim : 'trader')

export function AuthProvider({ children }: { children: ReactNode }) {
  return (
    <ClerkProvider publishableKey={KEY} signInUrl="/sign-in/" afterSignOutUrl="/sign-in/">
      <Session>{children}</Session>
    </ClerkProvider>
  )
}

function Session({ children }: { children: ReactNode }) {
  const { isLoaded, isSignedIn, userId, sessionClaims, getToken, signOut } = useClerkAuth()

  const ownToken = async ({ fresh = false }: { fresh?: boolean } = {}): Promise<string> => {
    const jwt = await getToken({ skipCache: fresh })
    if (!jwt) throw new NoSession('Clerk has no session')
    return jwt
  }
  // While rendering: an effect would come after the first requests of the components below.
  setTokenSource(ownToken)

  const auth = {
    ready: isLoaded,
    signedIn: Boolean(isSignedIn),
    subject: userId ?? null,
    role: roleOf(sessionClaims?.oxe_role),
    getToken: ownToken,
    signOut: () => signOut(),
  }
  return <AuthContext value={auth}>{children}</AuthContext>
}

export function SignIn({ onDone }: { onDone(): void }) {
  const { isLoaded, isSignedIn, signOut } = useClerkAuth()
  const ended = useSessionEnd((state) => state.ended !== null)
  // A session that the gateway does not take any more is over, also where Clerk still holds it.
  useEffect(() => {
    if (!isLoaded || !ended) return
    if (isSignedIn) void signOut({ redirectUrl: '/sign-in/' }).then(onDone)
    else onDone()
  }, [isLoaded, isSignedIn, ended, signOut, onDone])
  return <ClerkSignIn routing="hash" />
}
