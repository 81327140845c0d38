// SPDX-License-Identifier: Apache-2.0
'use client'
// The ticket's way to the server: what would happen (preview), and the order itself.
import { useCallback, useEffect, useRef, useState } from 'react'
import { mutate } from 'swr'
import { api, problemOf, Refusal, read } from '../api'
import { toJson } from '../json'
import type { SubmitState } from '../submit'
import { input, isHalted, useOrdersOff, useSubmitState } from '../submitting'
import type { NewOrder, Preview } from '../types'

export type { SubmitState } from '../submit'

const SETTLE_MS = 300
const AGAIN_MS = 5000

interface Submit {
  state: SubmitState
  draw(body: NewOrder, fixes?: string): void // on entering the review, and when a field changes in it
  submit(): void
  retryNow(): void
  stop(): void
  dismiss(): void
}

const acts: Omit<Submit, 'state'> = {
  draw: (body, fixes) =>
    input({ kind: 'draw', key: `web.${crypto.randomUUID()}${fixes ? `.fixes.${fixes}` : ''}`, body }),
  submit: () => input({ kind: 'submit' }),
  retryNow: () => input({ kind: 'retry' }),
  stop: () => input({ kind: 'stop' }),
  dismiss: () => input({ kind: 'dismiss' }),
}

export function useSubmit(): Submit {
  const state = useSubmitState((store) => store.state)
  return { state, ...acts }
}

const hasFocus = (): boolean => Boolean(document.activeElement?.closest('form, [data-ticket]'))

let silentUntil = 0 // previews have a limit of their own; after a 429 they rest without a word

// 300 ms after the last change, then every 5 s while the ticket has the focus.
export function usePreview(body: NewOrder | null): {
  preview: Preview | null
  at: number | null
  checking: boolean
  refresh(): void // asks again at once: the review has opened, or the price has moved
} {
  const text = body ? toJson(body) : null
  const [answer, setAnswer] = useState<{ text: string; preview: Preview; at: number } | null>(null)
  const [asking, setAsking] = useState(false)
  const [asked, setAsked] = useState(0) // how often a refresh was asked for
  const settled = useRef<string | null>(null)
  const refresh = useCallback(() => setAsked((times) => times + 1), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a refresh asks anew for the same text
  useEffect(() => {
    if (text === null) return
    let over = false
    let timer: ReturnType<typeof setTimeout>
    const ask = async (wanted: boolean) => {
      if (wanted && Date.now() >= silentUntil) {
        setAsking(true)
        try {
          const preview = await read(api.POST('/api/v1/orders/preview', { body: JSON.parse(text) }))
          if (over) return
          setAnswer({ text, preview, at: Date.now() })
          useOrdersOff.setState({ problem: null })
          if (preview.errors.some(({ code }) => code === 'TRADING_HALTED')) void mutate('halts')
        } catch (error) {
          if (error instanceof Refusal && error.problem.status === 429)
            silentUntil = Date.now() + (error.retryAfterMs ?? 60_000)
          const problem = problemOf(error)
          if (!over && problem?.code === 'FEATURE_DISABLED') {
            setAnswer(null)
            useOrdersOff.setState({ problem })
          }
          if (problem && isHalted(problem)) void mutate('halts')
        } finally {
          if (!over) setAsking(false)
        }
      }
      if (!over) timer = setTimeout(() => ask(hasFocus() && !document.hidden), AGAIN_MS)
    }
    timer = setTimeout(() => ask(true), settled.current === text ? 0 : SETTLE_MS)
    settled.current = text
    return () => {
      over = true
      clearTimeout(timer)
      setAsking(false)
    }
  }, [text, asked])
  const current = answer !== null && answer.text === text ? answer : null
  return { preview: current?.preview ?? null, at: current?.at ?? null, checking: text !== null && asking, refresh }
}
