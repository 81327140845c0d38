// SPDX-License-Identifier: Apache-2.0
'use client'
// A dialog over the page: it holds the focus, Esc goes back, and the focus returns to where it was.
import * as Radix from '@radix-ui/react-dialog'
import type { ReactNode } from 'react'

export function Dialog({
  open,
  onClose,
  title,
  footer,
  children,
  alert = false,
  width,
}: {
  open: boolean
  onClose(): void
  title: ReactNode
  footer?: ReactNode
  children: ReactNode
  alert?: boolean // asks before an act that is hard to undo
  width?: number
}) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="scrim">
          <Radix.Content
            className="dlg"
            role={alert ? 'alertdialog' : 'dialog'}
            aria-describedby={undefined}
            style={width ? { width } : undefined}
            onPointerDownOutside={(event) => alert && event.preventDefault()}
          >
            <header>
              <Radix.Title>{title}</Radix.Title>
            </header>
            <div className="bd">{children}</div>
            {footer && <footer>{footer}</footer>}
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  )
}
