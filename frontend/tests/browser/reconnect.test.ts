// SPDX-License-Identifier: Apache-2.0
// The stream of events breaks off: nothing is missed, nothing goes back, and meanwhile the screen asks every 5 s.
import type { Page } from '@playwright/test'
import { expect, expectAccessible, signIn, socketOf, test, until } from './support/test'
import { rowOf, submit } from './support/ticket'

const connection = (page: Page, word: string) => page.locator(`[data-connection=${word}]`)
const activity = (page: Page) => page.getByLabel('Activity')
const banner = (page: Page) => page.getByRole('region', { name: 'Notice' })

async function resting(page: Page, quantity = '5'): Promise<void> {
  await submit(page, { type: 'LIMIT', symbol: 'AMZN', quantity, price: '180' })
  await expect(rowOf(page)).toHaveAttribute('data-state', 'WORKING')
}

test.afterEach(async ({ suite }) => {
  await suite.ctl('sim', 'fault', 'clear')
  await suite.price('AMZN', '185')
})

test('what happened while the socket was closed is all there afterwards, each event once', async ({
  page,
  trader,
  suite,
}) => {
  const socket = await socketOf(page)
  const other = await suite.trader({ positions: { AMZN: 100 } })
  await suite.fault('no-liquidity', 'symbol=AMZN')
  await signIn(page, trader)
  await resting(page, '60')
  await expect(connection(page, 'live')).toBeVisible()

  await socket.cut()
  await expect(connection(page, 'live')).toHaveCount(0)
  for (const quantity of ['11', '12', '13'])
    await suite.as(other, 'submit', 'AMZN', 'SELL', quantity, 'LIMIT', '--price', '180')
  await until('the fills are recorded', async () => Number(await filled(suite, trader)) === 36)
  socket.mend()
  await expect(connection(page, 'live')).toBeVisible({ timeout: 15_000 })
  await expect(rowOf(page)).toHaveAttribute('data-status', 'PARTIAL')
  await expect(rowOf(page)).toContainText('36 / 60')
  for (const quantity of ['11', '12', '13'])
    await expect(activity(page).getByText(new RegExp(`^${quantity} `))).toHaveCount(1)
})

const filled = (suite: { sql(statement: string): Promise<string> }, subject: string) =>
  suite.sql(`SELECT sum(filled_quantity)::int FROM oxe.orders o JOIN oxe.traders t ON t.id = o.trader_id
    WHERE t.subject = '${subject}'`)

test('a fill while the gateway is down is on the screen once it is back', async ({
  desk: { page },
  suite,
  complaints,
}) => {
  complaints.expect(/Failed to load resource|request failed|WebSocket connection/)
  await resting(page)
  const up = await suite.down('gateway')
  try {
    await suite.price('AMZN', '179')
  } finally {
    await up()
  }
  await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED', { timeout: 15_000 })
  await expect(connection(page, 'live')).toBeVisible({ timeout: 15_000 })
})

test('an event that never arrives is noticed at the next one, and asked for again', async ({ page, trader, suite }) => {
  const socket = await socketOf(page)
  await signIn(page, trader)
  await resting(page)
  const [first] = await suite.orders(trader)
  const lost = socket.lose(/order\.filled/)
  await suite.price('AMZN', '179')
  await until('the event is lost', async () => lost() === 1)
  await suite.price('AMZN', '185')
  await expect(rowOf(page, first?.id)).toHaveAttribute('data-status', 'PENDING')

  await suite.as(trader, 'submit', 'MSFT', 'BUY', '1', 'LIMIT', '--price', '390')
  await expect(rowOf(page, first?.id)).toHaveAttribute('data-status', 'FILLED', { timeout: 5_000 })
  await expect(page.locator('[data-state=WORKING]')).toHaveCount(1)
  await expect(activity(page).getByText('filled 5')).toHaveCount(1)
})

test('an answer that is older than an event moves no row back', async ({ page, trader, suite }) => {
  const socket = await socketOf(page)
  await signIn(page, trader)
  await resting(page)
  const [order] = await suite.orders(trader)
  await expect(connection(page, 'live')).toBeVisible()

  // The answers that follow a reconnect are made now and arrive later.
  let asked = 0
  let release = () => {}
  const released = new Promise<void>((done) => {
    release = done
  })
  await page.route(/\/api\/v1\/orders\?/, async (route) => {
    const response = await route.fetch()
    asked += 1
    await released
    await route.fulfill({ response })
  })
  await socket.cut()
  socket.mend()
  await until('the old answers are made', async () => asked >= 3)
  await suite.price('AMZN', '179')
  await expect(rowOf(page, order?.id)).toHaveAttribute('data-status', 'FILLED')
  const settled = page.waitForResponse(/\/api\/v1\/orders\?/)
  release()
  await settled
  await page.waitForTimeout(500)
  await expect(rowOf(page, order?.id)).toHaveAttribute('data-status', 'FILLED')
})

test('without the socket orders go on moving within 5 s, and live comes back', async ({ page, trader, suite }) => {
  const socket = await socketOf(page)
  await signIn(page, trader)
  await resting(page)
  await socket.cut()
  await expect(connection(page, 'polling')).toBeVisible({ timeout: 8_000 })
  await expect(banner(page)).toContainText(
    /Live updates are down\. Orders and account are fetched every 5 s.*You can submit and cancel as usual\. Reconnecting: try \d+/,
  )
  await expectAccessible(page)

  await suite.price('AMZN', '179')
  await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED', { timeout: 6_500 })
  await submit(page, { symbol: 'MSFT', quantity: '1' })
  await expect(page.locator('[data-status=FILLED]')).toHaveCount(2, { timeout: 6_500 })

  socket.mend()
  await banner(page).getByRole('button', { name: 'Reconnect now' }).click()
  await expect(connection(page, 'live')).toBeVisible()
  await expect(banner(page)).toHaveCount(0)
})
