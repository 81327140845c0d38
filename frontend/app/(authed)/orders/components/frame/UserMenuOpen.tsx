// SPDX-License-Identifier: Apache-2.0
'use client'
// The settings of this screen: what UserMenu opens. Loaded then, since the menu's parts are heavy.
import * as Menu from '@radix-ui/react-dropdown-menu'
import type { ReactNode } from 'react'
import { Icon } from '@/components/Icon'
import { useAuth } from '@/lib/auth/context'
import { zone } from '@/lib/format'
import { type Settings, useSettings } from '@/lib/settings'
import { useView } from '@/lib/view'
import { colourPairs, themes } from './looks'
import { Person } from './UserMenu'

// NARROW is what the bar has no room for.
export default function UserMenuOpen({ narrow }: { narrow?: ReactNode }) {
  const { signOut } = useAuth()
  const settings = useSettings()
  const setView = useView((view) => view.set)
  return (
    <Menu.Root modal={false} defaultOpen>
      <Menu.Trigger className="user">
        <Person />
      </Menu.Trigger>
      {/* Within the header, which is a landmark. */}
      <Menu.Portal container={document.querySelector<HTMLElement>('.top')}>
        <Menu.Content className="menu" align="end" sideOffset={6} collisionPadding={8} loop>
          {narrow && (
            <Menu.Item className="menu-told" onSelect={(event) => event.preventDefault()}>
              {narrow}
            </Menu.Item>
          )}
          <Choice
            label="Theme"
            options={themes}
            value={settings.theme}
            onChange={(theme) => settings.set({ theme: theme as Settings['theme'] })}
          />
          <Choice
            label="Times"
            options={[
              { value: 'local', label: `Local (${zone(false)})` },
              { value: 'utc', label: 'UTC' },
            ]}
            value={settings.utc ? 'utc' : 'local'}
            onChange={(zone) => settings.set({ utc: zone === 'utc' })}
          />
          <Choice
            label="Up and down colours"
            options={colourPairs}
            value={settings.colours}
            onChange={(colours) => settings.set({ colours: colours as Settings['colours'] })}
          />
          <Menu.Separator className="menu-line" />
          <Switch label="Sounds" on={settings.sounds} onChange={(sounds) => settings.set({ sounds })} />
          <Switch
            label="Single keys"
            on={settings.singleKeys}
            onChange={(singleKeys) => settings.set({ singleKeys })}
          />
          <Menu.Separator className="menu-line" />
          <Menu.Item className="menu-it" onSelect={() => setView({ overlay: 'keys' })}>
            Keyboard<kbd>?</kbd>
          </Menu.Item>
          <Menu.Item className="menu-it" onSelect={() => void signOut()}>
            Sign out
          </Menu.Item>
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  )
}

function Choice(props: {
  label: string
  options: { value: string; label: string }[]
  value: string
  onChange(value: string): void
}) {
  return (
    <Menu.RadioGroup value={props.value} onValueChange={props.onChange} aria-label={props.label}>
      <Menu.Label className="menu-lbl">{props.label}</Menu.Label>
      {props.options.map((option) => (
        <Menu.RadioItem
          key={option.value}
          value={option.value}
          className="menu-it"
          onSelect={(event) => event.preventDefault()}
        >
          {option.label}
          <Menu.ItemIndicator>
            <Icon name="check" size="s" />
          </Menu.ItemIndicator>
        </Menu.RadioItem>
      ))}
    </Menu.RadioGroup>
  )
}

function Switch({ label, on, onChange }: { label: string; on: boolean; onChange(on: boolean): void }) {
  return (
    <Menu.CheckboxItem
      className="menu-it"
      checked={on}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
    >
      {label}
      <span className="t3">{on ? 'on' : 'off'}</span>
    </Menu.CheckboxItem>
  )
}
