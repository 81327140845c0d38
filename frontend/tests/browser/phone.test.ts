// SPDX-License-Identifier: Apache-2.0
// The phone: one page at a time, the ticket and its review as sheets.
import { expect, expectAccessible, test } from './support/test'
import { fill, rowOf } from './support/ticket'

test.use({ viewport: { width: 390, height: 844 } })

test('an order by sheets, and every page of the phone', async ({ desk: { page, subject }, suite }) => {
  test.setTimeout(90_000)
  await page.getByRole('combobox', { name: 'Symbol' }).selectOption('MSFT')
  await page.getByRole('button', { name: 'Buy' }).click()
  await expect(page.getByRole('dialog', { name: 'Order ticket' })).toBeVisible()
  await fill(page, { type: 'LIMIT', quantity: '3', price: '390' })
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Review order' }).click()
  await expect(page.getByRole('dialog', { name: 'Review order' })).toContainText('MSFT')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Change it' }).click()
  await expect(page.getByRole('dialog', { name: 'Order ticket' })).toBeVisible()
  await page.getByRole('button', { name: 'Review order' }).click()
  await page.getByRole('button', { name: 'Submit order' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(rowOf(page)).toHaveAttribute('data-state', 'WORKING')

  for (const name of ['Orders', 'Positions', 'Account']) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name }).click()
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
      `${name} scrolls sideways`,
    ).toBeLessThanOrEqual(0)
    await expectAccessible(page)
  }
  expect(await suite.orders(subject)).toMatchObject([{ state: 'WORKING' }])
})
