// SPDX-License-Identifier: Apache-2.0
// Another client of the same trader: fifty order events a second, by real orders through the gateway. An order of four events (submitted,
// approved, executed, filled) and one of six (…, acknowledged, cancel_requested, cancelled) make ten, and five such pairs go out a second.
import { setTimeout as sleep } from 'node:timers/promises'

const PAIRS_PER_SECOND = 5
const WORKS_MS = 3000

export class Client {
  private readonly refused = new Map<string, number>()
  private readonly under = new Set<Promise<void>>()

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  // What was refused, by code: none is expected.
  get refusals(): Record<string, number> {
    return Object.fromEntries(this.refused)
  }

  async trade(seconds: number): Promise<void> {
    const began = Date.now()
    for (let pair = 0; pair < seconds * PAIRS_PER_SECOND; pair++) {
      await sleep(Math.max(0, began + (pair * 1000) / PAIRS_PER_SECOND - Date.now()))
      this.run(this.order({ symbol: 'AAPL', side: pair % 2 ? 'SELL' : 'BUY', quantity: 1, order_type: 'MARKET' }))
      this.run(this.workAndCancel())
    }
    await Promise.all(this.under)
  }

  private run(work: Promise<unknown>): void {
    const done = work.then(() => {}).finally(() => this.under.delete(done))
    this.under.add(done)
  }

  private async workAndCancel(): Promise<void> {
    const id = await this.order({ symbol: 'MSFT', side: 'BUY', quantity: 1, order_type: 'LIMIT', price: 395 })
    await sleep(WORKS_MS)
    if (id) await this.post(`/api/v1/orders/${id}/cancel`, null)
  }

  private order = async (body: object): Promise<string | null> => (await this.post('/api/v1/orders', body))?.id ?? null

  private async post(path: string, body: object | null): Promise<{ id: string } | null> {
    const response = await fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body && { 'content-type': 'application/json', 'idempotency-key': `load.${crypto.randomUUID()}` }),
      },
      body: body && JSON.stringify(body),
    })
    const answer = (await response.json()) as { id: string; code?: string }
    if (response.ok) return answer
    const code = answer.code ?? `${response.status}`
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1)
    return null
  }
}
