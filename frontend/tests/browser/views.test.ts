// SPDX-License-Identifier: Apache-2.0
import { expect, expectAccessible, signIn, test } from './support/test'
import { rowOf, submit } from './support/ticket'

const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

for (const [device, viewport] of Object.entries(sizes))
  test.describe(device, () => {
    test.use({ viewport })

    test('the trading page does not scroll sideways, and axe finds nothing', async ({ desk: { page } }) => {
      await expect(page.getByText('AAPL').filter({ visible: true }).first()).toBeVisible()
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
      await expectAccessible(page)
    })

    for (const [subject, path] of [
      ['carol', '/compliance/'],
      ['olga', '/operations/'],
    ] as const)
      test(`${subject} has ${path}, and axe finds nothing`, async ({ page }) => {
        await signIn(page, subject)
        await expect(page).toHaveURL(new RegExp(path))
        await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1)
        await expectAccessible(page)
      })
  })

test('the drawer of an order, and axe finds nothing', async ({ desk: { page } }) => {
  await submit(page, { symbol: 'AAPL', quantity: '2' })
  await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED')
  await rowOf(page).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
})
