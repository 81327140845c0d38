// SPDX-License-Identifier: Apache-2.0
// The views of a bad day: each says what is wrong and what can be done, goes away when it is over, and axe finds nothing in it.
import type { Page, Route } from '@playwright/test'
import { expect, expectAccessible, signIn, socketOf, test } from './support/test'
import { fill, rowOf, submit, ticketOf } from './support/ticket'

const banner = (page: Page) => page.getByRole('region', { name: 'Notice' })
const connection = (page: Page, word: string) => page.locator(`[data-connection=${word}]`)
const sessionOver = (route: Route): Promise<void> =>
  route.continue({ headers: { ...route.request().headers(), authorization: 'Bearer over' } })

test('offline: how old everything is, an order can be prepared and not sent, and all comes back', async ({
  page,
  trader,
  suite,
  complaints,
}) => {
  test.setTimeout(90_000)
  complaints.expect(/request failed|Failed to load resource/)
  const socket = await socketOf(page)
  await signIn(page, trader)
  await expect(connection(page, 'live')).toBeVisible()
  let reachable = false
  await page.route(/\/api\/v1\//, (route) => (reachable ? route.fallback() : route.abort('connectionrefused')))
  await socket.cut()
  await expect(connection(page, 'offline')).toBeVisible({ timeout: 30_000 })
  await expect(banner(page)).toContainText(
    /No connection to OXE since \d\d:\d\d:\d\d\. All figures are .* old\. Orders at the exchange go on working\. Reconnecting: try \d+/,
  )
  await fill(page, { symbol: 'MSFT', quantity: '1' })
  await expect(ticketOf(page)).toContainText(
    'No connection to OXE. You can prepare the order; it can be sent when the connection is back.',
  )
  const review = page.getByRole('button', { name: 'Review order' })
  await expect(review).toHaveAttribute('aria-disabled', 'true')
  await review.click({ force: true })
  await expect(review).toBeVisible()
  await expectAccessible(page)

  // The way is free from the moment of the press: a try of the page's own in between would take the button away.
  await page.exposeFunction('mend', () => {
    reachable = true
    socket.mend()
  })
  await page.evaluate(() =>
    document.addEventListener('pointerdown', () => (window as unknown as { mend(): void }).mend(), { once: true }),
  )
  await banner(page).getByRole('button', { name: 'Try now' }).click()
  await expect(connection(page, 'live')).toBeVisible({ timeout: 15_000 })
  await expect(banner(page)).toHaveCount(0)
  await submit(page, { symbol: 'MSFT', quantity: '1' })
  await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED')
  expect(await suite.orders(trader)).toHaveLength(1)
})

test('prices that are old say so, and can be fetched', async ({ page, trader }) => {
  test.setTimeout(60_000)
  const socket = await socketOf(page)
  await signIn(page, trader)
  await expect(connection(page, 'live')).toBeVisible()
  socket.lose(/"event":"prices"/, Number.POSITIVE_INFINITY)
  await expect(banner(page)).toContainText(
    /Prices are \d+ s old\. Orders are live, but last prices have not changed since \d\d:\d\d:\d\d\. Look before you send a MARKET order\./,
    { timeout: 20_000 },
  )
  await expectAccessible(page)
  await banner(page).getByRole('button', { name: 'Fetch now' }).click()
  await expect(banner(page)).toHaveCount(0)
})

test.describe('an order a minute', () => {
  test.use({ account: { limits: { orders_per_minute: '1' } } })

  test('the second waits with its key, says how long, and is not recorded', async ({
    desk: { page, subject },
    suite,
    complaints,
  }) => {
    complaints.expect(/status of 429/)
    await submit(page, { symbol: 'MSFT', quantity: '1' })
    await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED')
    await submit(page, { symbol: 'MSFT', quantity: '2' })
    const ticket = ticketOf(page)
    await expect(ticket).toContainText(/1 orders in a minute, the limit is used up/)
    await expect(ticket).toContainText(/This order was not recorded\. It keeps its key and can go in \d+ s/)
    await expect(ticket.getByRole('button', { name: /^Submit order/ })).toHaveAttribute('aria-disabled', 'true')
    await expectAccessible(page)
    await ticket.getByRole('button', { name: 'Edit' }).click()
    await expect(page.getByRole('button', { name: 'Review order' })).toBeVisible()
    expect(await suite.orders(subject)).toHaveLength(1)
  })
})

test('no answer: asked again with its key until the person stops it, who can look into History', async ({
  desk: { page, subject },
  suite,
  complaints,
}) => {
  test.setTimeout(60_000)
  complaints.expect(/CONNECTION_RESET/)
  const posts = /\/api\/v1\/orders$/
  await page.route(posts, (route) =>
    route.request().method() === 'POST' ? route.abort('connectionreset') : route.fallback(),
  )
  await submit(page, { symbol: 'MSFT', quantity: '1' })
  const ticket = ticketOf(page)
  await expect(ticket).toContainText('No answer in time. Asking again.')
  await expect(ticket).toContainText(/taken once or not at all\. Try \d of 5/)
  await expect(page.locator('[data-state=SENDING]')).toBeVisible()
  await expectAccessible(page)
  await ticket.getByRole('button', { name: 'Stop and check History' }).click()
  await expect(ticket).toContainText('It is not known whether the order was taken.')
  await expect(page.getByRole('tabpanel', { name: 'History' })).toBeVisible()
  await expectAccessible(page)
  expect(await suite.orders(subject)).toEqual([])
  await page.unroute(posts)
  await ticket.getByRole('button', { name: 'Try again' }).click()
  await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED')
  expect(await suite.orders(subject)).toHaveLength(1)
})

test('a refusal', async ({ desk: { page }, complaints }) => {
  complaints.expect(/status of 422/)
  await submit(page, { type: 'LIMIT', symbol: 'MSFT', quantity: '60000', price: '900' })
  await expect(page.getByRole('alert').filter({ hasText: 'Refused' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Messages' })).toContainText('Refused')
  await expectAccessible(page)
})

test('a session that has ended: the ticket stays, and nothing was sent', async ({
  desk: { page, subject },
  suite,
  complaints,
}) => {
  complaints.expect(/status of 401/)
  await fill(page, { symbol: 'MSFT', quantity: '7' })
  await page.route(/\/api\/v1\//, sessionOver)
  const dialog = page.getByRole('alertdialog', { name: 'Your session has ended' })
  await expect(dialog).toContainText('The ticket stays as it is, and nothing was sent.', { timeout: 15_000 })
  await expectAccessible(page)
  await page.unroute(/\/api\/v1\//)
  await dialog.getByRole('button', { name: 'Sign in again' }).click()
  await page.getByRole('radio', { name: new RegExp(`^${subject} `) }).check({ force: true })
  await page.getByRole('button', { name: `Continue as ${subject}` }).click()
  await expect(ticketOf(page).getByRole('textbox', { name: 'Quantity' })).toHaveValue('7')
  await expect(dialog).toHaveCount(0)
  expect(await suite.orders(subject)).toEqual([])
})
