// SPDX-License-Identifier: Apache-2.0
'use client'
// The frame of the pages for compliance and operations: top bar with the page of the role, status bar, and who is let in.
import dynamic from 'next/dynamic'
import { type ReactNode, useEffect } from 'react'
import { PageNav, TopBar } from '@/app/(authed)/orders/components/frame/TopBar'
import { useFrameKeys } from '@/app/(authed)/orders/components/frame/useFrameKeys'
import { useAnswers } from '@/lib/api'
import { useAuth } from '@/lib/auth/context'
import { homeOf } from '@/lib/auth/home'
import { age, clock } from '@/lib/format'
import { useSettings } from '@/lib/settings'
import type { Role } from '@/lib/types'
import { useView } from '@/lib/view'
import { Age } from './Age'

const Palette = dynamic(() => import('@/components/Palette').then((module) => module.Palette), { ssr: false })
const KeyList = dynamic(() => import('@/components/KeyList').then((module) => module.KeyList), { ssr: false })

const names: Record<Role, string> = { trader: 'Orders', compliance: 'Audit trail', operations: 'Operations' }

// LATESTAT is when the server last answered this page, FAILED whether its last answer did not come. STALE figures are dimmed by
// those who show them; here their age is told.
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
  const { role, subject } = useAuth()
  const utc = useSettings((settings) => settings.utc)
  const overlay = useView((view) => view.overlay)
  const setView = useView((view) => view.set)
  const allowed = role === needs
  useFrameKeys()
  useEffect(() => {
    document.title = `${names[needs]} · OXE`
  }, [needs])
  return (
    <div className={`app desk${failed ? ' old' : ''}`}>
      <TopBar connection={<Connection failed={failed} latestAt={allowed ? latestAt : 0} />}>
        <PageNav href={homeOf(role)} name={names[role]} current={allowed} />
      </TopBar>
      {failed && allowed && latestAt !== null && (
        <div className="banner errb" role="alert">
          <span>
            No answer from OXE since {clock(new Date(latestAt).toISOString(), utc)}. All figures are{' '}
            <Age at={latestAt} text={age} /> old.
          </span>
        </div>
      )}
      {allowed ? (
        <main className={`page ${className}`}>
          <h1 className="vh">{names[needs]}</h1>
          {children}
        </main>
      ) : (
        <main className="page">
          <div className="needs">
            <h1>
              {names[needs]} needs the role {needs}.
            </h1>
            <p>
              You are signed in as {subject}, with the role {role}.
            </p>
            <a className="link" href={homeOf(role)}>
              Go to {names[role]}
            </a>
          </div>
        </main>
      )}
      <footer className="bar">
        <LastAnswer failed={failed} latestAt={allowed ? latestAt : null} />
        <span className="end">
          role {role}
          {readOnly ? ', read only' : ''}
        </span>
        <span className="num">
          <Age at={0} text={() => clock(new Date().toISOString(), utc)} />
        </span>
        <span>
          <button
            type="button"
            className="keys-btn"
            aria-haspopup="dialog"
            onClick={() => setView({ overlay: 'keys' })}
          >
            <kbd>?</kbd> keys
          </button>
        </span>
      </footer>
      {overlay === 'palette' && <Palette />}
      {overlay === 'keys' && <KeyList />}
    </div>
  )
}

function Connection({ failed, latestAt }: { failed: boolean; latestAt: number | null }) {
  const state = failed ? 'offline' : latestAt === null ? 'connecting' : 'live'
  return (
    <span className="conn" data-connection={state}>
      <span className={{ offline: 'dot off', connecting: 'dot wait', live: 'dot' }[state]} />
      <span className={failed ? 'err' : undefined}>
        {{ offline: 'No answer', connecting: 'Connecting', live: 'Connected' }[state]}
      </span>
    </span>
  )
}

const ago = (ms: number) => `${age(ms)} ago`

function LastAnswer({ failed, latestAt }: { failed: boolean; latestAt: number | null }) {
  const ms = useAnswers((state) => state.latencyMs)
  if (latestAt === null) return <span />
  return (
    <span className="num">
      <b className={failed ? 'err' : undefined}>{failed ? 'No answer' : 'Connected'}</b> · last answer{' '}
      {ms !== null && !failed && `${ms} ms, `}
      <Age at={latestAt} text={ago} />
    </span>
  )
}
