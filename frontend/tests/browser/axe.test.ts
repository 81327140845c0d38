// SPDX-License-Identifier: Apache-2.0
// What axe finds in the views that no other test asks it about: nothing, in both themes. troubles.test.ts has those of a bad day.
import { expect, expectAccessible, signIn, test } from './support/test'
import { fill, rowOf, submit, ticketOf } from './support/ticket'

test('lists without rows, and what is still loading', async ({ page, trader }) => {
  test.setTimeout(90_000)
  let release = () => {}
  const released = new Promise<void>((done) => {
    release = done
  })
  await page.route(/\/api\/v1\/(orders|account|positions|instruments|fills)(\?|$)/, async (route) => {
    await released
    await route.continue()
  })
  await signIn(page, trader)
  await expect(page.getByText('Still waiting for the orders.')).toBeVisible({ timeout: 15_000 })
  await expectAccessible(page)
  release()

  await expect(page.getByText('No open orders')).toBeVisible()
  await expectAccessible(page)
  for (const [tab, said] of [
    ['Fills', 'No fills today.'],
    ['Positions', 'No positions.'],
    ['History', 'No orders yet'],
  ] as const) {
    await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click()
    await expect(page.getByRole('tabpanel')).toContainText(said)
    await expectAccessible(page)
  }
  await page.getByRole('tabpanel').getByLabel('Status').selectOption('FILLED')
  await page.getByRole('tabpanel').getByRole('textbox', { name: 'From' }).fill('yesterday')
  await expect(page.getByText('No orders match.')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect(page.getByText('No orders yet')).toBeVisible()
})

test('the ticket: to sell, with faults, with the list of symbols, and its review', async ({ desk: { page } }) => {
  test.setTimeout(90_000)
  const ticket = ticketOf(page)
  await fill(page, { side: 'SELL', type: 'STOP', symbol: 'MSFT', quantity: '5', price: '390' })
  await expect(ticket).toContainText('trigger')
  await expectAccessible(page)
  await fill(page, { type: 'LIMIT', quantity: '0', price: '390.001', stopLoss: '400', takeProfit: '380' })
  await page.getByRole('button', { name: 'Review order' }).click()
  await expect(ticket).toContainText('4 fields to correct. Nothing was sent.')
  await expectAccessible(page)
  await fill(page, { type: 'LIMIT', quantity: '5', price: '390', stopLoss: '380', takeProfit: '420' })
  await ticket.getByRole('combobox', { name: 'Symbol' }).fill('A')
  await expect(ticket.getByRole('option').first()).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await fill(page, { symbol: 'MSFT', type: 'LIMIT', quantity: '5', price: '390', stopLoss: '380', takeProfit: '420' })
  await page.getByRole('button', { name: 'Review order' }).click()
  await expect(page.getByRole('button', { name: 'Submit order' })).toBeVisible()
  await expectAccessible(page)
})

test('the lists, a message, a drawer with legs, the questions before a cancel, the chart as table', async ({
  desk: { page },
}) => {
  test.setTimeout(90_000)
  await submit(page, { type: 'LIMIT', symbol: 'MSFT', quantity: '5', price: '390', stopLoss: '380', takeProfit: '420' })
  await expect(rowOf(page)).toHaveAttribute('data-state', 'WORKING')
  await submit(page, { symbol: 'MSFT', quantity: '5', stopLoss: '380' })
  await expect(page.locator('[data-status=FILLED]')).toHaveCount(1)
  const message = page.getByRole('region', { name: 'Messages' }).getByText('Bought 5 MSFT')
  await message.hover() // or it goes after some seconds
  await expectAccessible(page)

  for (const tab of ['History', 'Fills', 'Positions']) {
    await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click()
    await expect(page.getByRole('tabpanel')).toContainText('MSFT')
    await expectAccessible(page)
  }
  await page.getByRole('tab', { name: /^Open orders/ }).click()
  await page.locator('[data-state=WORKING]').filter({ hasText: 'LIMIT' }).click()
  await expect(page.getByRole('dialog')).toContainText('Protection')
  await expectAccessible(page)
  await page.keyboard.press('Escape')

  const leg = page.locator('[data-state=WORKING]').filter({ hasText: 'STOP' })
  await leg.getByRole('button', { name: 'Cancel order' }).click()
  await expect(page.getByRole('alertdialog', { name: 'Cancel the stop loss of MSFT?' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Keep' }).click()
  await page.getByRole('button', { name: 'Cancel all…' }).click()
  await expect(page.getByRole('alertdialog', { name: 'Cancel 1 order?' })).toContainText('Also the 1 protective leg')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Keep' }).click()

  await page.getByRole('button', { name: 'Show as table' }).click()
  await expect(page.getByRole('group', { name: 'Figures of the chart of MSFT' })).toContainText('BUY 5 LIMIT')
  await expectAccessible(page)
})

test('the palette, the keys, the menu, and the page at the width of a tablet', async ({ desk: { page } }) => {
  test.setTimeout(60_000)
  await expect(page.getByText('No open orders')).toBeVisible()
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox', { name: 'Search or command' })).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  const menu = page.locator('[aria-haspopup=menu]').first()
  await menu.click()
  await expect(page.getByRole('menu')).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await page.setViewportSize({ width: 900, height: 700 })
  await expectAccessible(page)
})

test('an entry of the log', async ({ page, trader, suite }) => {
  await suite.as(trader, 'submit', 'MSFT', 'BUY', '1', 'MARKET')
  await signIn(page, 'carol')
  await page.getByRole('cell', { name: 'SUBMITTED', exact: true }).first().click()
  await expect(page.getByRole('complementary', { name: /^Entry / })).toBeVisible()
  await expectAccessible(page)
})
