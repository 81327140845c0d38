// SPDX-License-Identifier: Apache-2.0
// Cancels and what races them. The exchange misbehaves on command (docs/exchange-sim.md).
import type { Page } from '@playwright/test'
import { expect, signIn, socketOf, test } from './support/test'
import { rowOf, submit } from './support/ticket'

const cancelButton = (page: Page) => rowOf(page).getByRole('button', { name: 'Cancel order' })
const messages = (page: Page) => page.getByRole('region', { name: 'Messages' })

async function working(page: Page, symbol: string, price: string): Promise<void> {
  await submit(page, { type: 'LIMIT', symbol, quantity: '5', price })
  await expect(rowOf(page)).toHaveAttribute('data-state', 'WORKING')
}

test('a fill that overtakes the cancel counts, and is told as one', async ({ desk: { page, subject }, suite }) => {
  const mend = await suite.fault('swallow', 'message=cancel', 'symbol=TSLA')
  try {
    await working(page, 'TSLA', '240')
    await cancelButton(page).click()
    await expect(rowOf(page)).toContainText('CANCEL REQUESTED')
    await expect(cancelButton(page)).toHaveCount(0)
    await suite.price('TSLA', '239')
    await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED', { timeout: 10_000 })
    await expect(messages(page)).toContainText('FILLED before the cancel reached the exchange')
    expect(await suite.orders(subject)).toMatchObject([{ status: 'FILLED', state: 'DONE' }])
  } finally {
    await mend()
    await suite.price('TSLA', '250')
  }
})

test('a cancel that the exchange refuses leaves the order working, and can be asked for again', async ({
  desk: { page, subject },
  suite,
}) => {
  const mend = await suite.fault('refuse', 'message=cancel', 'reason=0', 'symbol=TSLA')
  try {
    await working(page, 'TSLA', '240')
    await cancelButton(page).click()
    await expect(messages(page)).toContainText('TSLA: the cancel was refused', { timeout: 10_000 })
    await expect(rowOf(page)).toHaveAttribute('data-state', 'WORKING')
    await cancelButton(page).click()
    await expect(rowOf(page)).toHaveAttribute('data-status', 'CANCELLED', { timeout: 10_000 })
    expect(await suite.orders(subject)).toMatchObject([{ status: 'CANCELLED', state: 'DONE' }])
  } finally {
    await mend()
  }
})

test('a fill that comes after the cancel is shown', async ({ desk: { page, subject }, suite }) => {
  const mend = await suite.fault('late-fill', 'symbol=TSLA', 'ms=1500')
  try {
    await working(page, 'TSLA', '240')
    await cancelButton(page).click()
    await expect(rowOf(page)).toHaveAttribute('data-status', 'CANCELLED', { timeout: 10_000 })
    await expect(messages(page)).toContainText('Bought 5 TSLA', { timeout: 10_000 })
    await page.getByRole('tab', { name: /^History/ }).click()
    await expect(rowOf(page)).toContainText('5 / 5')
    await page.getByRole('tab', { name: /^Positions/ }).click()
    await expect(page.getByRole('row', { name: /TSLA/ })).toBeVisible()
    expect(await suite.orders(subject)).toMatchObject([{ state: 'DONE' }])
  } finally {
    await mend()
  }
})

test('a cancel of what has been filled unseen is answered 409, and the row is put right', async ({
  page,
  trader,
  suite,
  complaints,
}) => {
  complaints.expect(/status of 409/)
  const socket = await socketOf(page)
  await signIn(page, trader)
  await working(page, 'TSLA', '240')
  await page.route(/\/api\/v1\/orders(\?|\/[^/]*$)/, (route) => route.abort('aborted')) // the polling comes later than the click
  await socket.cut()
  try {
    await suite.price('TSLA', '239')
    await page.unroute(/\/api\/v1\/orders(\?|\/[^/]*$)/)
    await cancelButton(page).click()
    await expect(messages(page)).toContainText('the cancel was refused')
    await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED', { timeout: 10_000 })
    expect(await suite.orders(trader)).toMatchObject([{ status: 'FILLED' }])
  } finally {
    await suite.price('TSLA', '250')
  }
})
