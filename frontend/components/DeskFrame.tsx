'use client'
// The frame of the pages for compliance and operations: top bar with the pages of the role, status bar, and who is let in.
import { type ReactNode, useState } from 'react'
import { useAnswers } from '@/lib/api'
import { useAuth } from '@/lib/auth/context'
import { homeOf } from '@/lib/auth/home'
import { age, clock } from '@/lib/format'
import { useSettings } from '@/lib/settings'
import { applyLook } from '@/lib/theme'
import type { Role } from '@/lib/types'
import { Age } from './Age'
import { Icon } from './Icon'

const pages: Record<Role, { href: string; name: string }> = {
  trader: { href: '/orders/', name: 'Trade' },
  compliance: { href: '/compliance/', name: 'Audit trail' },
  operations: { href: '/operations/', name: 'Operations' },
}

const STALE_MS = 10_000

// LATESTAT is when the server last answered this page, FAILED whether its last answer failed to come.
export function DeskFrame({
  needs,
  latestAt,
  failed,
  readOnly = false,
  className,
  children,
}: {
  needs: Exclude<Role, 'trader'>
  latestAt: number | null
  failed: boolean
  readOnly?: boolean
  className: string
  children: ReactNode
}) {
  const auth = useAuth()
  const own = pages[auth.role]
  return (
    <div className="app desk">
      <header className="top">
        <div className="brand">
          <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M3 3h14v14H3z" fill="none" stroke="var(--t1)" strokeWidth="1.8" />
            <path d="m6.6 6.6 6.8 6.8M13.4 6.6l-6.8 6.8" stroke="var(--t1)" strokeWidth="1.8" />
          </svg>
          <b>OXE</b>
        </div>
        <nav className="nav" aria-label="Pages">
          <a href={own.href} aria-current={auth.role === needs ? 'page' : undefined}>
            {own.name}
          </a>
        </nav>
        <div className="tools">
          <Connection failed={failed} latestAt={latestAt} />
          <ThemeButton />
          <span className="user">
            {auth.subject}
            <span className="env">{auth.role}</span>
          </span>
          <button type="button" className="btn sm ghost" onClick={() => auth.signOut()}>
            Sign out
          </button>
        </div>
      </header>
      {auth.role === needs ? (
        <main className={`page ${className}`}>
          <h1 className="vh">{pages[needs].name}</h1>
          {children}
        </main>
      ) : (
        <main className="page">
          <div className="needs">
            <h1>
              {pages[needs].name} needs the role {needs}.
            </h1>
            <p>
              You are signed in as {auth.subject}, whose role is {auth.role}.
            </p>
            <a className="link" href={homeOf(auth.role)}>
              Go to {own.name}
            </a>
          </div>
        </main>
      )}
      <footer className="bar">
        <LastAnswer failed={failed} latestAt={latestAt} />
        <span className="end">
          role {auth.role}
          {readOnly ? ', read only' : ''}
        </span>
        <Clock />
      </footer>
    </div>
  )
}

function Connection({ failed, latestAt }: { failed: boolean; latestAt: number | null }) {
  return (
    <span className="conn" role="status">
      <span className={failed ? 'dot off' : latestAt === null ? 'dot poll' : 'dot'} />
      {failed ? 'No answer' : latestAt === null ? 'Connecting' : 'Connected'}
    </span>
  )
}

function LastAnswer({ failed, latestAt }: { failed: boolean; latestAt: number | null }) {
  const ms = useAnswers((state) => state.latencyMs)
  if (latestAt === null) return <span>{failed ? 'No answer yet' : 'Asking'}</span>
  return (
    <span className="num">
      <b>{failed ? 'No answer' : 'Connected'}</b> · last answer {ms !== null && !failed ? `${ms} ms, ` : ''}
      <Age at={latestAt} text={(since) => `${age(since)} ago${since > STALE_MS ? ': all figures are that old' : ''}`} />
    </span>
  )
}

function Clock() {
  const utc = useSettings((state) => state.utc)
  return (
    <span className="num">
      <Age at={0} text={() => clock(new Date().toISOString(), utc)} />
    </span>
  )
}

function ThemeButton() {
  const { set, colours } = useSettings()
  const [, repaint] = useState(0)
  return (
    <button
      type="button"
      className="ibtn"
      aria-label="Switch to the other theme"
      onClick={() => {
        const theme = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'
        set({ theme })
        applyLook({ theme, colours })
        repaint((n) => n + 1)
      }}
    >
      <Icon name="moon" />
    </button>
  )
}
