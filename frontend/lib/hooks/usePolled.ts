// SPDX-License-Identifier: Apache-2.0
// An answer that is asked for again and again, with the time at which it came: what is old must be able to say so.
import useSWR, { type SWRConfiguration } from 'swr'
import { Refusal } from '../api'

export interface Polled<T> {
  data: T | null
  at: number | null // when the data came
  error: unknown // of the last try; null when it succeeded
  refresh(): void
}

// SWR leaves its interval alone once a try has failed, so the retry keeps the pace. What the server refuses for good is not asked again.
export const every = (ms: number): SWRConfiguration => ({
  refreshInterval: ms,
  shouldRetryOnError: true,
  onErrorRetry: (failure, _key, _config, revalidate, { retryCount }) => {
    if (failure instanceof Refusal && failure.problem.status === 403) return
    setTimeout(() => revalidate({ retryCount }), ms)
  },
})

export function usePolled<T>(key: string, everyMs: number, ask: () => Promise<T>): Polled<T> {
  const { data, error, mutate } = useSWR(key, async () => ({ data: await ask(), at: Date.now() }), {
    revalidateOnFocus: true,
    dedupingInterval: 300,
    ...every(everyMs),
  })
  return { data: data?.data ?? null, at: data?.at ?? null, error: error ?? null, refresh: () => void mutate() }
}
