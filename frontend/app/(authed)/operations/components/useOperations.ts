// SPDX-License-Identifier: Apache-2.0
// What the operations page reads, each part with its age, and what it does.
import { api, read } from '@/lib/api'
import { usePolled } from '@/lib/hooks/usePolled'

const EVERY_MS = 3000
const READY_EVERY_MS = 5000

export interface Readiness {
  status: 'ok' | 'degraded' | 'failing'
  checks: Record<string, { status: 'ok' | 'degraded' | 'failing'; detail?: string }>
}

// The one answer whose failure has the same form as its success.
async function readiness(): Promise<Readiness> {
  const response = await fetch('/readyz', { cache: 'no-store', signal: AbortSignal.timeout(READY_EVERY_MS) })
  return response.json()
}

export function useOperations() {
  const halts = usePolled(
    '/api/v1/admin/halts',
    EVERY_MS,
    async () => (await read(api.GET('/api/v1/admin/halts'))).halts,
  )
  const questions = usePolled('/api/v1/admin/orders', EVERY_MS, () => read(api.GET('/api/v1/admin/orders')))
  const lanes = usePolled(
    '/api/v1/admin/lanes',
    EVERY_MS,
    async () => (await read(api.GET('/api/v1/admin/lanes'))).lanes,
  )
  const services = usePolled(
    '/api/v1/admin/services',
    EVERY_MS,
    async () => (await read(api.GET('/api/v1/admin/services'))).services,
  )
  const gateway = usePolled('/readyz', READY_EVERY_MS, readiness)
  const all = [halts, questions, lanes, services]
  const ats = all.map((one) => one.at).filter((at) => at !== null)
  return {
    halts,
    questions,
    lanes,
    services,
    gateway,
    refused: all.find((one) => one.error)?.error ?? null,
    latestAt: ats.length > 0 ? Math.max(...ats) : null,
    oldestAt: ats.length === all.length ? Math.min(...ats) : null,
  }
}

export type Operations = ReturnType<typeof useOperations>
