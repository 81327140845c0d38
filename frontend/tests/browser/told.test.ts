// SPDX-License-Identifier: Apache-2.0
// Orders of another client of the same trader: the first word of them comes over the socket.
import { expect, test } from './support/test'
import { rowOf } from './support/ticket'

test('another client’s order is drawn from its event, and completed by the answer', async ({
  desk: { page, subject },
  suite,
}) => {
  await expect(page.getByText('No open orders', { exact: true })).toBeVisible()
  let answer = () => {}
  const held = new Promise<void>((done) => {
    answer = done
  })
  await page.route(/\/api\/v1\/orders[/?]/, async (route) => {
    await held
    await route.continue()
  })
  await suite.as(subject, 'submit', 'AAPL', 'BUY', '7', 'LIMIT', '--price', '140', '--tif', 'GTC')
  const row = rowOf(page)
  await expect(row).toHaveAttribute('data-state', 'WORKING')
  for (const text of ['AAPL', 'BUY', '0 / 7', '140.00']) await expect(row).toContainText(text)
  await expect(row).not.toContainText('LIMIT')
  await expect(row.getByRole('button', { name: 'Cancel order' })).toHaveCount(0)
  answer()
  for (const text of ['LIMIT', 'GTC']) await expect(row).toContainText(text)
  await row.getByRole('button', { name: 'Cancel order' }).click()
  await expect(row).toHaveAttribute('data-status', 'CANCELLED')
})
