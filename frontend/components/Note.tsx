// SPDX-License-Identifier: Apache-2.0
// A message in its place: an error, a caution or an information. Errors are announced whole; of a `live` caution only the
// title is, since the rest may count seconds.
import type { ReactNode } from 'react'
import { Icon, type IconName } from './Icon'

const icons = { e: 'error', w: 'warning', i: 'info' } as const

export function Note({
  kind,
  title,
  actions,
  icon = icons[kind],
  live = false,
  children,
}: {
  kind: 'e' | 'w' | 'i'
  title?: ReactNode
  actions?: ReactNode
  icon?: IconName
  live?: boolean
  children?: ReactNode
}) {
  return (
    <div className={`note ${kind}`} role={kind === 'e' ? 'alert' : undefined}>
      <Icon name={icon} />
      <div>
        {title && <b role={live ? 'alert' : undefined}>{title}</b>} {children}
        {actions && <div className="acts">{actions}</div>}
      </div>
    </div>
  )
}
