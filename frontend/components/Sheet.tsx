// SPDX-License-Identifier: Apache-2.0
'use client'
// What comes up from the lower edge of a phone: a dialog that holds the focus and closes by Esc, by the × in it, or by a tap beside it.
import * as Dialog from '@radix-ui/react-dialog'
import type { ReactNode } from 'react'

export function Sheet({
  open,
  onClose,
  label,
  children,
}: {
  open: boolean
  onClose(): void
  label: string
  children: ReactNode
}) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="psc" />
        <Dialog.Content
          className="sheet"
          aria-describedby={undefined}
          onEscapeKeyDown={(event) => {
            // A list that is open closes first.
            if (document.activeElement?.getAttribute('aria-expanded') === 'true') event.preventDefault()
          }}
          onOpenAutoFocus={(event) => {
            // The sheet itself, not its first field: a phone would open its keyboard over it.
            event.preventDefault()
            if (event.target instanceof HTMLElement) event.target.focus()
          }}
        >
          <Dialog.Title className="vh">{label}</Dialog.Title>
          <span className="grab" />
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
