// SPDX-License-Identifier: Apache-2.0
'use client'
// What is looked at, beside the page on a desktop and over it on a phone. Tab stays inside, Esc closes; on a desktop the mouse may
// go on working in the page.
import * as Dialog from '@radix-ui/react-dialog'
import { type ReactNode, useRef } from 'react'
import { PHONE, useMedia } from '@/lib/hooks/useMedia'

export function Drawer(props: {
  open: boolean
  onClose(): void
  label: string
  returnTo?(): HTMLElement | null // where the focus goes back to
  children: ReactNode
}) {
  const phone = useMedia(PHONE)
  const content = useRef<HTMLDivElement>(null)
  return (
    <Dialog.Root open={props.open} onOpenChange={(open) => !open && props.onClose()} modal={phone}>
      <Dialog.Content
        ref={content}
        className="drawer"
        tabIndex={-1}
        aria-describedby={undefined}
        onOpenAutoFocus={(event) => {
          event.preventDefault()
          content.current?.focus()
        }}
        onCloseAutoFocus={(event) => {
          event.preventDefault()
          // Who has gone on to somewhere else stays there.
          if (document.activeElement === document.body) props.returnTo?.()?.focus()
        }}
        onInteractOutside={(event) => event.preventDefault()}
      >
        <Dialog.Title className="vh">{props.label}</Dialog.Title>
        {props.children}
      </Dialog.Content>
    </Dialog.Root>
  )
}
