// SPDX-License-Identifier: Apache-2.0
'use client'
// Sign-in of the local profile: the gateway gives a token to whoever asks from this machine. Tokens are in memory only; of a session
// nothing but the person's name is kept in sessionStorage, so that a reload asks for a new token instead of the person.
import { type ReactNode, useEffect, useState } from 'react'
import { create } from 'zustand'
import { NoAnswer, NoSession, setTokenSource } from '../api'
import type { Role } from '../types'
import { AuthContext } from './context'

interface Session {
  subject: string
  role: Role
  token: string
  endsAt: number
}

interface State {
  ready: boolean
  session: Session | null
}

const KEY = 'oxe.subject'
const SPARE_MS = 20_000

const useSession = create<State>()(() => ({ ready: false, session: null }))
let asking: Promise<Session> | null = null

async function ask(subject: string): Promise<Session> {
  const response = await fetch('/dev/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ subject }),
    signal: AbortSignal.timeout(10_000),
  })
  if (!response.ok)
    throw response.status < 500 ? new NoSession(`${response.status}`) : new NoAnswer(`${response.status}`)
  const answer: { subject: string; role: Role; token: string; expires_at: string } = await response.json()
  return { subject: answer.subject, role: answer.role, token: answer.token, endsAt: Date.parse(answer.expires_at) }
}

// One at a time: two renewals at once would be two tokens for nothing.
function signIn(subject: string): Promise<Session> {
  asking ??= ask(subject)
    .then((session) => {
      sessionStorage.setItem(KEY, session.subject)
      useSession.setState({ ready: true, session })
      return session
    })
    .finally(() => {
      asking = null
    })
  return asking
}

async function getToken(options: { fresh?: boolean } = {}): Promise<string> {
  const session = useSession.getState().session
  const subject = session?.subject ?? sessionStorage.getItem(KEY)
  if (!subject) throw new NoSession('nobody is signed in')
  if (session && !options.fresh && session.endsAt - Date.now() > SPARE_MS) return session.token
  return (await signIn(subject)).token
}

async function signOut(): Promise<void> {
  sessionStorage.removeItem(KEY)
  useSession.setState({ ready: true, session: null })
}

setTokenSource(getToken)

export function AuthProvider({ children }: { children: ReactNode }) {
  const { ready, session } = useSession()
  useEffect(() => {
    if (useSession.getState().ready) return
    const subject = sessionStorage.getItem(KEY)
    if (subject) signIn(subject).catch(() => useSession.setState({ ready: true, session: null }))
    else useSession.setState({ ready: true })
  }, [])
  const auth = {
    ready,
    signedIn: session !== null,
    subject: session?.subject ?? null,
    role: session?.role ?? ('trader' as const),
    getToken,
    signOut,
  }
  return <AuthContext value={auth}>{children}</AuthContext>
}

interface Person {
  subject: string
  role: Role
}

async function people(): Promise<Person[] | 'none' | 'no answer'> {
  try {
    const response = await fetch('/dev/sign-in', { signal: AbortSignal.timeout(10_000) })
    if (!response.ok) return response.status === 404 ? 'none' : 'no answer'
    const answer: { people: Person[] } = await response.json()
    return answer.people
  } catch {
    return 'no answer'
  }
}

export function SignIn({ onDone }: { onDone(): void }) {
  const [found, setFound] = useState<Person[] | 'none' | 'no answer' | null>(null)
  const [chosen, setChosen] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    people().then((answer) => {
      setFound(answer)
      if (typeof answer === 'object') setChosen((was) => was ?? answer[0]?.subject ?? null)
    })
  }, [])

  if (found === 'none')
    return (
      <p className="t2" role="alert">
        This gateway has no development sign-in, and this build has no Clerk key: nobody can sign in here.
      </p>
    )
  if (found === 'no answer')
    return (
      <p className="t2" role="alert">
        No answer from the gateway. Reload the page to try again.
      </p>
    )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!chosen) return
        setFailed(false)
        signIn(chosen).then(onDone, () => setFailed(true))
      }}
    >
      <p className="t2 signin-intro">Development sign-in of the local profile. Not part of a build with a Clerk key.</p>
      <fieldset className="signin-people">
        <legend className="vh">Person</legend>
        {(found ?? []).map((person) => (
          <label key={person.subject} className="signin-person">
            <input
              type="radio"
              name="person"
              className="vh"
              checked={chosen === person.subject}
              onChange={() => setChosen(person.subject)}
            />
            <b className="b">{person.subject}</b> <span className="t3">{person.role}</span>
          </label>
        ))}
      </fieldset>
      <button type="submit" className="btn pri signin-go" disabled={!chosen}>
        {chosen ? `Continue as ${chosen}` : 'Continue'}
      </button>
      {failed && (
        <p className="err" role="alert">
          The gateway gave no token. Try again.
        </p>
      )}
    </form>
  )
}
