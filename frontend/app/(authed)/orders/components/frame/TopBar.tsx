// SPDX-License-Identifier: Apache-2.0
'use client'
// The bar at the top of every page: the mark, what the page puts beside it, the connection, and what a person may choose.
import type { ReactNode } from 'react'
import { Icon } from '@/components/Icon'
import { useSettings } from '@/lib/settings'
import { useView } from '@/lib/view'
import { UserMenu } from './UserMenu'
import { toggleTheme, useTheme } from './useLook'

// A build without a Clerk key signs in people of the local profile only.
const environment = process.env.NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY ? null : 'Local'

export function TopBar({
  connection,
  narrow,
  children,
}: {
  connection: ReactNode
  narrow?: ReactNode
  children: ReactNode
}) {
  return (
    <header className="top">
      <div className="brand">
        <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M3 3h14v14H3z" fill="none" stroke="currentColor" strokeWidth="1.8" />
          <path d="m6.6 6.6 6.8 6.8M13.4 6.6l-6.8 6.8" stroke="currentColor" strokeWidth="1.8" />
        </svg>
        <b>OXE</b>
        {environment && <span className="env">{environment}</span>}
      </div>
      {children}
      <div className="tools">
        {connection}
        <CommandButton />
        <SoundButton />
        <ThemeButton />
        <UserMenu narrow={narrow} />
      </div>
    </header>
  )
}

// The pages of a role that has no trading page.
export function PageNav({ href, name, current }: { href: string; name: string; current: boolean }) {
  return (
    <nav className="nav" aria-label="Pages">
      <a href={href} aria-current={current ? 'page' : undefined}>
        {name}
      </a>
    </nav>
  )
}

const mac = () => /Mac|iP(hone|ad)/.test(navigator.userAgent)

function CommandButton() {
  const set = useView((view) => view.set)
  return (
    <button
      type="button"
      className="cmd"
      aria-label="Search or command"
      aria-haspopup="dialog"
      aria-keyshortcuts="Control+K Meta+K"
      onClick={() => set({ overlay: 'palette' })}
    >
      <Icon name="search" />
      <span className="cmd-word">Search</span>
      <span className="cmd-keys">
        <kbd>{mac() ? '⌘' : 'Ctrl'}</kbd>
        <kbd>K</kbd>
      </span>
    </button>
  )
}

function SoundButton() {
  const { sounds, set } = useSettings()
  return (
    <button
      type="button"
      className="ibtn"
      aria-label="Sounds"
      aria-pressed={sounds}
      aria-keyshortcuts="Shift+M"
      title={sounds ? 'Sounds are on' : 'Sounds are off'}
      onClick={() => set({ sounds: !sounds })}
    >
      <Icon name={sounds ? 'sound' : 'muted'} />
    </button>
  )
}

function ThemeButton() {
  const theme = useTheme()
  const other = theme === 'dark' ? 'light' : 'dark'
  return (
    <button
      type="button"
      className="ibtn"
      aria-label={`Switch to the ${other} theme`}
      aria-keyshortcuts="Shift+D"
      title={`Switch to the ${other} theme`}
      onClick={toggleTheme}
    >
      <Icon name={theme === 'dark' ? 'moon' : 'sun'} />
    </button>
  )
}
