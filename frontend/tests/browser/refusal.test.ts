// SPDX-License-Identifier: Apache-2.0
import { expect, test } from './support/test'
import { rowOf, submit, ticketOf } from './support/ticket'

test.use({ account: { limits: { max_order_quantity: '500' } } })

test('each rule stands at its field with its numbers, and ‘Correct all’ makes an order that is accepted', async ({
  desk: { page, subject },
  suite,
  complaints,
}) => {
  complaints.expect(/status of 422/)
  const ticket = ticketOf(page)
  await submit(page, { type: 'LIMIT', symbol: 'MSFT', quantity: '800', price: '900' })
  const note = page.getByRole('alert').filter({ hasText: 'Refused' })
  await expect(note).toContainText('the order breaks 2 rules')
  expect(await suite.orders(subject)).toMatchObject([{ status: 'REJECTED' }])

  const quantity = ticket.getByRole('textbox', { name: 'Quantity' })
  const price = ticket.getByRole('textbox', { name: 'Price' })
  await expect(quantity).toHaveAccessibleDescription(/limit 500.*yours 800/)
  await expect(price).toHaveAccessibleDescription(/limit .*yours /)
  for (const field of [quantity, price]) await expect(field).toHaveAttribute('aria-invalid', 'true')

  // The market moves: where the collar ended may be past it when the order arrives, and is corrected again.
  await expect(async () => {
    await note.getByRole('button', { name: 'Correct all' }).click()
    await expect(quantity).toHaveValue(/^500$/)
    await expect(price).not.toHaveValue('900')
    await page.getByRole('button', { name: 'Review order' }).click()
    await page.getByRole('button', { name: 'Submit order' }).click()
    await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED', { timeout: 2_000 })
  }).toPass({ timeout: 20_000 })
  const statuses = (await suite.orders(subject)).map(({ status }) => status)
  expect(statuses.slice(0, -1)).not.toContain('FILLED')
  expect(statuses.at(-1)).toBe('FILLED')
})
