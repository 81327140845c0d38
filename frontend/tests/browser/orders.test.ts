// SPDX-License-Identifier: Apache-2.0
import { expect, test, until } from './support/test'
import { fill, rowOf, submit, ticketOf } from './support/ticket'

test('an order by mouse is FILLED on the screen within 2 s', async ({ desk: { page, subject }, suite }) => {
  await fill(page, { symbol: 'MSFT', quantity: '10' })
  await page.getByRole('button', { name: 'Review order' }).click()
  const button = page.getByRole('button', { name: 'Submit order' })
  await button.click()
  await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED', { timeout: 2_000 })
  expect(await suite.orders(subject)).toMatchObject([{ status: 'FILLED', state: 'DONE' }])
})

test('an order by keyboard alone', async ({ desk: { page, subject }, suite }) => {
  const symbol = ticketOf(page).getByRole('combobox', { name: 'Symbol' })
  await expect(symbol).toBeVisible()
  await page.keyboard.press('b')
  await page.keyboard.press('m')
  await page.keyboard.press('/')
  await expect(symbol).toBeFocused()
  await page.keyboard.type('MSFT')
  await page.keyboard.press('Enter')
  await expect(symbol).toHaveValue('MSFT')
  await page.keyboard.press('Tab')
  await expect(ticketOf(page).getByRole('textbox', { name: 'Quantity' })).toBeFocused()
  await page.keyboard.type('7')
  // Enter does nothing for 400 ms after the review opens: a double press cannot submit.
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Submit order' })).toBeVisible()
  expect(await suite.orders(subject)).toEqual([])
  await page.waitForTimeout(500)
  await page.keyboard.press('Enter')
  await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED', { timeout: 3_000 })
  expect(await suite.orders(subject)).toHaveLength(1)
})

test('a working order is cancelled', async ({ desk: { page, subject }, suite }) => {
  await submit(page, { type: 'LIMIT', symbol: 'MSFT', quantity: '5', price: '380' })
  const row = rowOf(page)
  await expect(row).toHaveAttribute('data-state', 'WORKING')
  await row.getByRole('button', { name: 'Cancel order' }).click()
  await expect(row).toHaveAttribute('data-status', 'CANCELLED')
  expect(await suite.orders(subject)).toMatchObject([{ status: 'CANCELLED', state: 'DONE' }])
})

test.describe('with little cash', () => {
  test.use({ account: { cash: '1000' } })

  test('a refusal shows the rule with its numbers', async ({ desk: { page, subject }, suite, complaints }) => {
    complaints.expect(/status of 422/)
    await submit(page, { type: 'LIMIT', symbol: 'MSFT', quantity: '100', price: '400' })
    const note = page.getByRole('alert').filter({ hasText: 'Refused' })
    await expect(note).toBeVisible()
    await expect(ticketOf(page)).toContainText('40,000')
    await expect(ticketOf(page)).toContainText('1,000')
    expect(await suite.orders(subject)).toMatchObject([{ status: 'REJECTED' }])
  })
})

test('an answer that is lost after the commit leaves one order', async ({
  desk: { page, subject },
  suite,
  complaints,
}) => {
  complaints.expect(/Failed to load resource|request failed|WebSocket connection/)
  await fill(page, { symbol: 'MSFT', quantity: '3' })
  await page.getByRole('button', { name: 'Review order' }).click()
  await suite.withoutAnswer(subject, () => page.getByRole('button', { name: 'Submit order' }).click())
  await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED', { timeout: 20_000 })
  await until('nothing is asked for any more', async () => (await page.locator('[data-state=SENDING]').count()) === 0)
  expect(await suite.orders(subject)).toHaveLength(1)
})
