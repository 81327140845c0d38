// SPDX-License-Identifier: Apache-2.0
// One reviewed order is one order, whatever happens to its answer, to the page and to the session. The database is asked.
import type { Page, Route } from '@playwright/test'
import type { Suite } from './support/suite'
import { type Desk, expect, signIn, socketOf, test, until } from './support/test'
import { fill, rowOf } from './support/ticket'

const ORDERS = /\/api\/v1\/orders$/
const submitButton = (page: Page) => page.getByRole('button', { name: 'Submit order' })

async function review({ page }: Desk): Promise<void> {
  await fill(page, { symbol: 'MSFT', quantity: '3' })
  await page.getByRole('button', { name: 'Review order' }).click()
  await expect(submitButton(page)).toBeVisible()
}

// What happens to each POST of an order from now on.
const onPost = (page: Page, does: (route: Route) => Promise<void>) =>
  page.route(ORDERS, (route) => (route.request().method() === 'POST' ? does(route) : route.fallback()))

// The gateway is asked, and takes the order; the connection breaks before the answer is there.
const answerLost = async (route: Route): Promise<void> => {
  await route.fetch()
  await route.abort('connectionreset')
}

// As a gateway sees a session that is over: it answers 401 by itself.
const sessionOver = (route: Route): Promise<void> =>
  route.continue({ headers: { ...route.request().headers(), authorization: 'Bearer over' } })

async function oneOrder(suite: Suite, { page, subject }: Desk): Promise<void> {
  // In Open orders an order that is done stays for 10 s, so History is looked into: there it is for good.
  await page.getByRole('tab', { name: /^History/ }).click()
  await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED', { timeout: 20_000 })
  await expect(page.locator('[data-status]')).toHaveCount(1)
  await expect(page.getByText('Asking again')).toHaveCount(0)
  expect(await suite.orders(subject)).toMatchObject([{ status: 'FILLED' }])
}

test('three answers in a row that are lost leave one order', async ({ desk, suite, complaints }) => {
  complaints.expect(/CONNECTION_RESET/)
  let lost = 0
  const keys = new Set<string | undefined>()
  await onPost(desk.page, (route) => {
    keys.add(route.request().headers()['idempotency-key'])
    return ++lost > 3 ? route.continue() : answerLost(route)
  })
  await review(desk)
  await submitButton(desk.page).click()
  await oneOrder(suite, desk)
  expect(keys.size).toBe(1)
})

test('an order whose answer is lost for good is shown by its event, and asked for no more', async ({
  desk,
  suite,
  complaints,
}) => {
  complaints.expect(/CONNECTION_RESET/)
  await onPost(desk.page, answerLost)
  await review(desk)
  await submitButton(desk.page).click()
  await oneOrder(suite, desk)
})

test('a reload while the answer is awaited leaves one order', async ({ desk, suite }) => {
  let taken = false
  await onPost(desk.page, async (route) => {
    if (taken) return route.continue()
    await route.fetch()
    taken = true // and its answer never comes
  })
  await review(desk)
  await submitButton(desk.page).click()
  await until('the order is taken', async () => taken)
  await desk.page.reload()
  await oneOrder(suite, desk)
})

test('an order that was filled before its answer is shown after the reload, though only the answer tells of it', async ({
  page,
  trader,
  suite,
}) => {
  const socket = await socketOf(page)
  await signIn(page, trader)
  await review({ page, subject: trader })
  // Neither an event nor a list says what has become of it.
  await socket.cut()
  let tellAnswered = () => {}
  const answered = new Promise<void>((done) => {
    tellAnswered = done
  })
  await page.route(/\/api\/v1\/orders\?/, async (route) => {
    await answered
    await route.continue()
  })
  let taken = false
  await onPost(page, async (route) => {
    if (!taken) {
      await route.fetch()
      taken = true // and its answer never comes
      return
    }
    await route.fulfill({ response: await route.fetch() })
    tellAnswered()
  })
  await submitButton(page).click()
  await until('the order is filled', async () => taken && (await suite.orders(trader))[0]?.status === 'FILLED')
  socket.mend()
  await page.reload()
  await expect(page.locator('[data-status=FILLED]')).toHaveCount(1)
})

test('a reload before the order has reached the gateway sends it once', async ({ desk, suite }) => {
  let stuck = false
  await onPost(desk.page, async (route) => {
    if (stuck) return route.continue()
    stuck = true
  })
  await review(desk)
  await submitButton(desk.page).click()
  await until('the order is on its way', async () => stuck)
  expect(await suite.orders(desk.subject)).toEqual([])
  await desk.page.reload()
  await oneOrder(suite, desk)
})

test('clicks in haste make one order', async ({ desk, suite }) => {
  let posts = 0
  await onPost(desk.page, (route) => {
    posts += 1
    return route.continue()
  })
  await review(desk)
  await submitButton(desk.page).dblclick()
  await oneOrder(suite, desk)

  await desk.page.getByRole('tab', { name: /^History/ }).click()
  await review(desk)
  // Two clicks that the browser does not count as a double one, before the page has drawn again.
  // With a detail, as a mouse gives it: without, it would be a press of Enter, which the review does not take at once.
  await submitButton(desk.page).evaluate((button: HTMLElement) => {
    for (let click = 0; click < 2; click++) button.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 1 }))
  })
  await expect(desk.page.locator('[data-status=FILLED]')).toHaveCount(2)
  expect(await suite.orders(desk.subject)).toHaveLength(2)
  expect(posts).toBe(2)
})

test.describe('the session ends in the middle of a submit', () => {
  // The first answer is lost, so that nobody here can tell whether the order was taken: it was. Then the session is over.
  async function inTheMiddle({ page }: Desk): Promise<{ back(): void }> {
    let posts = 0
    let over = true
    await onPost(page, (route) => {
      posts += 1
      if (posts === 1) return answerLost(route)
      return over ? sessionOver(route) : route.continue()
    })
    await review({ page, subject: '' })
    await submitButton(page).click()
    await expect(page.getByRole('alertdialog', { name: 'Your session has ended' })).toBeVisible({ timeout: 15_000 })
    return {
      back() {
        over = false
      },
    }
  }

  // The stream would tell of the order, and the submit would be over before its session is.
  test.beforeEach(async ({ page, complaints }) => {
    complaints.expect(/CONNECTION_RESET|status of 401/)
    await page.routeWebSocket(/\/ws/, (socket) => socket.close({ code: 1012 }))
    await page.route(/\/api\/v1\/orders\?/, (route) => route.abort('aborted'))
  })

  test('the same person signs in again: one order', async ({ desk, suite }) => {
    const session = await inTheMiddle(desk)
    await expect(desk.page.getByRole('alertdialog')).toContainText('the order’s fate is asked for when you are back')
    await desk.page.getByRole('button', { name: 'Sign in again' }).click()
    session.back()
    await desk.page.unroute(/\/api\/v1\/orders\?/)
    await desk.page.getByRole('radio', { name: new RegExp(`^${desk.subject} `) }).check({ force: true })
    await desk.page.getByRole('button', { name: `Continue as ${desk.subject}` }).click()
    await oneOrder(suite, desk)
  })

  test('another person signs in: no order in that name, and the first one’s is asked for when they are back', async ({
    desk,
    suite,
  }) => {
    const session = await inTheMiddle(desk)
    const other = await suite.trader()
    const posts: string[] = []
    desk.page.on('request', (request) => request.method() === 'POST' && posts.push(new URL(request.url()).pathname))
    await desk.page.getByRole('button', { name: 'Sign in again' }).click()
    session.back()
    await desk.page.unroute(/\/api\/v1\/orders\?/)
    await desk.page.getByRole('radio', { name: new RegExp(`^${other} `) }).check({ force: true })
    await desk.page.getByRole('button', { name: `Continue as ${other}` }).click()
    await expect(desk.page.getByText(/^No open orders/)).toBeVisible()
    await desk.page.waitForTimeout(1500)
    expect(posts.filter((path) => ORDERS.test(path))).toEqual([])
    expect(await suite.orders(other)).toEqual([])

    await desk.page.getByRole('button', { name: new RegExp(`^${other}`) }).click()
    await desk.page.getByRole('menuitem', { name: 'Sign out' }).click()
    await expect(desk.page).toHaveURL(/sign-in/)
    await signIn(desk.page, desk.subject)
    await expect(desk.page.getByText('Asking again')).toHaveCount(0)
    await until('the order was asked for', async () => posts.some((path) => ORDERS.test(path)))
    expect(await suite.orders(desk.subject)).toMatchObject([{ status: 'FILLED' }])
  })
})
