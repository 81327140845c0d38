// SPDX-License-Identifier: Apache-2.0
'use client'
// The session has ended under the person's hands. What they typed stays; what was sent keeps its key.
import { useRouter } from 'next/navigation'
import { Dialog } from '@/components/Dialog'
import { useSessionEnd } from '@/lib/api'
import { useAuth } from '@/lib/auth/context'
import { useSubmitState } from '@/lib/submitting'

export function SessionEnded() {
  const router = useRouter()
  const { signOut } = useAuth()
  const ended = useSessionEnd((state) => state.ended)
  const sent = useSubmitState(({ state }) => state.kind === 'signed out' || state.kind === 'given up')
  if (!ended) return null
  const leave = async () => {
    await signOut()
    useSessionEnd.setState({ ended: null })
    router.replace('/sign-in/')
  }
  return (
    <Dialog
      open
      alert
      onClose={() => {}} // there is nothing to go back to
      title="Your session has ended"
      footer={
        <>
          <button type="button" className="btn sm ghost" onClick={() => void leave()}>
            Sign out
          </button>
          <button type="button" className="btn sm pri" onClick={() => router.push('/sign-in/')}>
            Sign in again
          </button>
        </>
      }
    >
      <p>
        Sign in again to go on. The ticket stays as it is, and{' '}
        {sent ? 'the order’s fate is asked for when you are back' : 'nothing was sent'}. Orders at the exchange go on
        working.
      </p>
      <p className="t3 dlg-ref">
        401 UNAUTHENTICATED
        {ended.requestId && (
          <>
            {' '}
            · request <span className="mono">{ended.requestId}</span>
          </>
        )}
      </p>
    </Dialog>
  )
}
