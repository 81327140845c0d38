// SPDX-License-Identifier: Apache-2.0
// The answers that the screen lives on, asked for and put into the store.
import { api, Refusal, read } from './api'
import * as store from './store'
import type { Order, OrderStatus } from './types'

const PAGE = 500
const PAGES_MAX = 20
const BY_ID_MAX = 50
const ACCOUNT_EVERY_MS = 500

// One fetch an order, however many events of it come meanwhile.
const fetchingOrders = new Map<string, Promise<Order | null>>()

export function fetchOrder(id: string): Promise<Order | null> {
  const running = fetchingOrders.get(id)
  if (running) return running
  const promise = read(api.GET('/api/v1/orders/{id}', { params: { path: { id } } }))
    .then((order) => store.takeSnapshot(order, true))
    .catch(() => null)
    .finally(() => fetchingOrders.delete(id))
  fetchingOrders.set(id, promise)
  return promise
}

// Orders that an event told of first. One is asked for at once; those that are told of meanwhile then go together, among the newest.
const told = new Map<string, ((order: Order | null) => void)[]>()
let asking = false

export function fetchTold(id: string): Promise<Order | null> {
  return new Promise((done) => {
    told.set(id, [...(told.get(id) ?? []), done])
    if (!asking) void askForTold()
  })
}

async function askForTold(): Promise<void> {
  asking = true
  while (told.size > 0) {
    const waiting = [...told]
    told.clear()
    const newest = await fetchNewest(new Set(waiting.map(([id]) => id)))
    await Promise.all(
      waiting.map(async ([id, dones]) => {
        const order = newest.get(id) ?? (await fetchOrder(id))
        for (const done of dones) done(order)
      }),
    )
  }
  asking = false
}

async function fetchNewest(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, Order>> {
  if (ids.size === 1) return new Map()
  try {
    const limit = Math.min(PAGE, 2 * ids.size)
    const { orders } = await read(api.GET('/api/v1/orders', { params: { query: { limit } } }))
    return new Map(orders.map((order) => [order.id, store.takeSnapshot(order, ids.has(order.id))]))
  } catch {
    return new Map()
  }
}

// At once, then at most twice a second, however fast the events come.
let accountAt = 0
let accountTimer: ReturnType<typeof setTimeout> | null = null

export function refreshAccount(): void {
  if (accountTimer) return
  const wait = Math.max(0, accountAt + ACCOUNT_EVERY_MS - Date.now())
  accountTimer = setTimeout(() => {
    accountTimer = null
    accountAt = Date.now()
    fetchAccount().catch(() => {})
  }, wait)
}

async function fetchAccount(): Promise<void> {
  try {
    const [account, { positions }] = await Promise.all([
      read(api.GET('/api/v1/account')),
      read(api.GET('/api/v1/positions')),
    ])
    store.takeAccount({ account, accountAt: Date.now(), accountError: null, positions })
  } catch (error) {
    if (error instanceof Refusal) store.takeAccount({ accountError: error.problem })
    throw error
  }
}

export async function fetchInstruments(): Promise<void> {
  store.takeInstruments((await read(api.GET('/api/v1/instruments'))).instruments)
}

async function allWithStatus(status: OrderStatus): Promise<Order[]> {
  const orders: Order[] = []
  let cursor: string | undefined
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await read(api.GET('/api/v1/orders', { params: { query: { status, limit: PAGE, cursor } } }))
    orders.push(...answer.orders)
    if (!answer.next_cursor) break
    cursor = answer.next_cursor
  }
  return orders
}

// Everything that the screen shows. FOUND is told the orders before they are taken.
export async function fetchAll(
  found: (orders: ReadonlyMap<string, Order>) => void,
): Promise<{ answered: boolean; complete: boolean }> {
  const openBefore = [...store.knownRows()].filter((row) => !store.isDone(row.order)).map((row) => row.order)
  try {
    const [pending, partial, newest] = await Promise.all([
      allWithStatus('PENDING'),
      allWithStatus('PARTIAL'),
      read(api.GET('/api/v1/orders', { params: { query: { limit: 50 } } })),
      fetchAccount(),
      fetchInstruments(),
    ])
    const orders = new Map([...newest.orders, ...partial, ...pending].map((order) => [order.id, order]))
    found(orders)
    store.takeSnapshots([...orders.values()])
    // Open here and in none of the answers: it has ended without our hearing of it.
    const missing = openBefore.filter(({ id }) => !orders.has(id)).slice(0, BY_ID_MAX)
    await Promise.all(missing.map(({ id }) => fetchOrder(id)))
    store.takeLoaded()
    return { answered: true, complete: true }
  } catch (error) {
    return { answered: error instanceof Refusal, complete: false }
  }
}
