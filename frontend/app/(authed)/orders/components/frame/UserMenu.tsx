// SPDX-License-Identifier: Apache-2.0
'use client'
// Who is signed in; pressed, it loads and opens the menu of settings.
import dynamic from 'next/dynamic'
import { type ReactNode, useState } from 'react'
import { Icon } from '@/components/Icon'
import { useAuth } from '@/lib/auth/context'

const load = () => import('./UserMenuOpen')
const UserMenuOpen = dynamic(load, { ssr: false, loading: () => <Closed /> })

// NARROW is what the bar has no room for.
export function UserMenu({ narrow }: { narrow?: ReactNode }) {
  const [wanted, setWanted] = useState(false)
  return wanted ? <UserMenuOpen narrow={narrow} /> : <Closed onOpen={() => setWanted(true)} />
}

function Closed({ onOpen }: { onOpen?: () => void }) {
  return (
    <button
      type="button"
      className="user"
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={onOpen}
      onKeyDown={(event) => event.key === 'ArrowDown' && onOpen?.()}
    >
      <Person />
    </button>
  )
}

export function Person() {
  const { subject, role } = useAuth()
  return (
    <>
      {subject}
      {role !== 'trader' && <span className="env">{role}</span>}
      <Icon name="down" size="s" />
    </>
  )
}
