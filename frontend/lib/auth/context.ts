// SPDX-License-Identifier: Apache-2.0
// Who is signed in. Tokens live in memory only and are renewed before they end; two modules provide this: clerk.tsx and development.tsx.
import { createContext, useContext } from 'react'
import type { Role } from '../types'

export interface Auth {
  ready: boolean // false until it is known whether somebody is signed in
  signedIn: boolean
  subject: string | null
  role: Role
  // A token good for at least 20 s more. With fresh: one made anew, after a 401 or a 4401. Rejects when there is no session.
  getToken(options?: { fresh?: boolean }): Promise<string>
  signOut(): Promise<void>
}

export const AuthContext = createContext<Auth | null>(null)

export function useAuth(): Auth {
  const auth = useContext(AuthContext)
  if (!auth) throw new Error('useAuth outside of AuthProvider')
  return auth
}
