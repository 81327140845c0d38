// SPDX-License-Identifier: Apache-2.0
'use client'
// A person whom the identity provider knows and OXE does not: nothing of the screen is for them until operations open their account.
import { Dialog } from '@/components/Dialog'
import { useAuth } from '@/lib/auth/context'
import { useDesk } from '@/lib/store'

export function NoAccount() {
  const { subject, signOut } = useAuth()
  const error = useDesk((desk) => desk.accountError)
  if (error?.code !== 'ACCOUNT_UNKNOWN') return null
  return (
    <Dialog
      open
      alert
      onClose={() => {}} // there is nothing to go back to; it leaves when the account is there
      title="No account"
      footer={
        <button type="button" className="btn sm ghost" onClick={() => void signOut()}>
          Sign out
        </button>
      }
    >
      <p>{error.detail}</p>
      <p className="t3 dlg-ref">
        Signed in as <span className="mono">{subject}</span>. This page goes on by itself when the account is there.
      </p>
    </Dialog>
  )
}
