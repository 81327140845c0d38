// SPDX-License-Identifier: Apache-2.0
// The word for where an order stands, with a shape of its own: colour is never alone.
import type { ReactNode } from 'react'
import type { StateWord as Word } from '@/lib/state'

const line = { fill: 'none', stroke: 'currentColor' }

const glyphs: Record<Word, ReactNode> = {
  SENDING: <circle cx="4.5" cy="4.5" r="3.4" {...line} strokeWidth="1.6" strokeDasharray="3 2.3" />,
  ACCEPTED: <circle cx="4.5" cy="4.5" r="3.4" {...line} strokeWidth="1.6" />,
  SENT: <path d="M.8 4.5h6M4.4 1.6l3 2.9-3 2.9" {...line} strokeWidth="1.6" />,
  WORKING: (
    <>
      <circle cx="4.5" cy="4.5" r="3.4" {...line} strokeWidth="1.6" />
      <circle cx="4.5" cy="4.5" r="1.6" fill="currentColor" />
    </>
  ),
  PARTIAL: (
    <>
      <circle cx="4.5" cy="4.5" r="3.4" {...line} strokeWidth="1.6" />
      <path d="M4.5 1.1a3.4 3.4 0 0 1 0 6.8Z" fill="currentColor" />
    </>
  ),
  FILLED: <circle cx="4.5" cy="4.5" r="4.2" fill="currentColor" />,
  CANCELLED: <path d="M1 4.5h7" {...line} strokeWidth="1.8" />,
  EXPIRED: (
    <>
      <circle cx="4.5" cy="4.5" r="3.6" {...line} strokeWidth="1.4" />
      <path d="M4.5 2.4v2.1l1.5 1" {...line} strokeWidth="1.2" />
    </>
  ),
  REJECTED: <path d="m1.4 1.4 6.2 6.2M7.6 1.4 1.4 7.6" {...line} strokeWidth="1.8" />,
  'IN DOUBT': <path d="M4.5.6 8.7 8.2H.3Z" fill="currentColor" />,
  'CANCEL REQUESTED': (
    <>
      <path d="M1 4.5h7" {...line} strokeWidth="1.6" />
      <circle cx="4.5" cy="4.5" r="3.6" {...line} strokeWidth="1.3" strokeDasharray="2 1.6" />
    </>
  ),
}

const tones: Record<Word, string> = {
  SENDING: 'a',
  ACCEPTED: '',
  SENT: '',
  WORKING: 'p',
  PARTIAL: 'p',
  FILLED: 'ok',
  CANCELLED: 'm',
  EXPIRED: 'm',
  REJECTED: 'e',
  'IN DOUBT': 'w',
  'CANCEL REQUESTED': 'w',
}

export function StateWord({ word, tint = word === 'IN DOUBT' }: { word: Word; tint?: boolean }) {
  return (
    <span className={`stt ${tones[word]}${tint ? ' tint' : ''}`}>
      <svg className="g" viewBox="0 0 9 9" aria-hidden="true">
        {glyphs[word]}
      </svg>
      {word}
    </span>
  )
}
