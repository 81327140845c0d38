// A message in its place: an error, a caution or an information.
import type { ReactNode } from 'react'
import { Icon } from './Icon'

const icons = { e: 'error', w: 'warning', i: 'info' } as const

export function Note({
  kind,
  title,
  actions,
  children,
}: {
  kind: 'e' | 'w' | 'i'
  title?: ReactNode
  actions?: ReactNode
  children?: ReactNode
}) {
  return (
    <div className={`note ${kind}`} role={kind === 'e' ? 'alert' : undefined}>
      <Icon name={icons[kind]} />
      <div>
        {title && <b>{title}</b>} {children}
        {actions && <div className="acts">{actions}</div>}
      </div>
    </div>
  )
}
