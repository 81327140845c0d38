'use client'
// The ticket's way to the server.
import { useEffect, useState } from 'react'
import useSWR from 'swr'
import { create } from 'zustand'
import { api, NoAnswer, Refusal, read } from '../api'
import { toJson } from '../json'
import type { SubmitState } from '../submit'
import type { NewOrder, Preview } from '../types'

const useState1 = create<{ state: SubmitState }>()(() => ({ state: { kind: 'idle' } }))
const set = (state: SubmitState) => useState1.setState({ state })

async function submit(): Promise<void> {
  const { state } = useState1.getState()
  if (state.kind !== 'drawn') return
  const { key, body } = state
  set({ kind: 'sending', key, body, tries: 1, nextTryAt: null, why: '' })
  try {
    const order = await read(api.POST('/api/v1/orders', { body, params: { header: { 'Idempotency-Key': key } } }))
    set({ kind: 'accepted', order, serverMs: null })
  } catch (error) {
    if (error instanceof Refusal) set({ kind: 'refused', key, body, problem: error.problem })
    else if (error instanceof NoAnswer) set({ kind: 'given up', key, body })
  }
}

export function useSubmit() {
  const { state } = useState1()
  return {
    state,
    draw: (body: NewOrder, fixes?: string) =>
      set({ kind: 'drawn', key: `web.${crypto.randomUUID()}${fixes ? `.fixes.${fixes}` : ''}`, body }),
    submit: () => void submit(),
    retryNow: () => {},
    stop: () => set({ kind: 'idle' }),
    dismiss: () => set({ kind: 'idle' }),
  }
}

export function usePreview(body: NewOrder | null): { preview: Preview | null; at: number | null; checking: boolean } {
  const text = body ? toJson(body) : null
  const [settled, setSettled] = useState<string | null>(null)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 300)
    return () => clearTimeout(timer)
  }, [text])
  const current = settled === text && body !== null
  const { data, isLoading } = useSWR(
    current ? ['preview', text] : null,
    async () => ({
      preview: await read(api.POST('/api/v1/orders/preview', { body: body as NewOrder })),
      at: Date.now(),
    }),
    { refreshInterval: 5000, shouldRetryOnError: false },
  )
  return { preview: data?.preview ?? null, at: data?.at ?? null, checking: isLoading || !current }
}
