// SPDX-License-Identifier: Apache-2.0
// What the log's last checkpoint is worth here: it is believed only by the keys that this browser trusts.
import { believe } from '@/lib/note'
import { readTrust } from '@/lib/trust'

export interface Head {
  text: string
  state: 'verified' | 'open' | 'wrong'
}

const doubts = {
  malformed: { text: 'cannot be read', state: 'wrong' },
  signature: { text: 'not signed by the keys trusted here', state: 'wrong' },
  quorum: { text: 'waits for its witnesses', state: 'open' },
} as const

export async function readHead(): Promise<Head> {
  const [response, { policy, other }] = await Promise.all([fetch('/checkpoint', { cache: 'no-store' }), readTrust()])
  if (response.status === 503) return { text: 'none has been signed yet', state: 'open' }
  if (!response.ok) throw new Error(`the checkpoint: ${response.status}`)
  const note = await response.text()
  if (policy === null) return { text: 'not checked: no keys are named', state: 'open' }
  const belief = await believe(note, policy)
  if ('doubt' in belief) return doubts[belief.doubt]
  const entries = `${belief.checkpoint.size.toLocaleString('en-US')} entries`
  return other === null
    ? { text: `${entries}, verified`, state: 'verified' }
    : { text: `${entries}; the server names other keys`, state: 'wrong' }
}
