// SPDX-License-Identifier: Apache-2.0
// What operations does, and what the trader sees of it at the same time.
import type { Page } from '@playwright/test'
import { expect, expectAccessible, signIn, test } from './support/test'
import { rowOf, submit, ticketOf } from './support/ticket'

// The desk of operations in a browser of its own, beside the trader's.
const operations = test.extend<{ olga: Page }>({
  olga: async ({ browser, baseURL, complaints }, use) => {
    const context = await browser.newContext({ baseURL, viewport: { width: 1440, height: 900 }, colorScheme: 'dark' })
    const page = await context.newPage()
    complaints.watch(page)
    await signIn(page, 'olga')
    await use(page)
    await context.close()
  },
})

operations(
  'a halt is typed before it is in force; the trader sees it, is refused, and trades once it is lifted',
  async ({ desk: { page, subject }, olga, suite, complaints }) => {
    test.setTimeout(90_000)
    complaints.expect(/status of 422/)
    const symbol = ticketOf(page).getByRole('combobox', { name: 'Symbol' })
    await symbol.fill('GOOG')
    await symbol.press('Enter')

    const form = olga.getByRole('form', { name: 'Halt trading' })
    await form.getByRole('textbox', { name: 'Symbol' }).fill('goog')
    await form.getByRole('textbox', { name: 'Reason' }).fill('news pending')
    await form.getByRole('button', { name: /^Halt trading for GOOG/ }).click()
    const dialog = olga.getByRole('alertdialog', { name: 'Halt trading for GOOG?' })
    await expectAccessible(olga)
    const halt = dialog.getByRole('button', { name: 'Halt trading' })
    const word = dialog.getByRole('textbox')
    await word.fill('HALT GOO')
    await expect(halt).toHaveAttribute('aria-disabled', 'true')
    await halt.click({ force: true })
    await word.press('Enter')
    expect(await suite.ctl('halts')).not.toContain('news pending')
    await word.fill('HALT GOOG')
    await halt.click()
    await expect(dialog).toHaveCount(0)
    const lift = olga.getByRole('button', { name: 'Lift the halt of GOOG' })
    await expect(lift).toBeVisible()

    const banner = page.getByRole('region', { name: 'Notice' })
    await submit(page, { quantity: '1' })
    await expect(ticketOf(page)).toContainText(/Refused.*halted/i)
    await expect(banner).toContainText('GOOG is halted. ‘news pending’. New orders are refused; cancels work.')
    expect(await suite.orders(subject)).toMatchObject([{ status: 'REJECTED' }])
    await expectAccessible(page)

    await lift.click()
    await expect(olga.getByRole('dialog')).toBeVisible()
    await expectAccessible(olga)
    await olga.getByRole('dialog').getByRole('button', { name: 'Lift halt' }).click()
    await expect(lift).toHaveCount(0)
    await expect(banner).toHaveCount(0, { timeout: 15_000 })
    await submit(page, { quantity: '1' })
    await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED')
  },
)

// The exchange executes the order and never tells of it: asked, it has filled more than it reported, and only a person can say what.
operations(
  'an order in doubt is resolved by the execution that the exchange has',
  async ({ desk: { page, subject }, olga, suite }) => {
    test.setTimeout(90_000)
    const clear = await suite.fault('withhold', 'until=never', 'symbol=BTC-USD')
    try {
      await submit(page, { symbol: 'BTC-USD', quantity: '0.5' })
      await expect(rowOf(page)).toHaveAttribute('data-state', 'IN_DOUBT', { timeout: 40_000 })
      await expect(rowOf(page)).toContainText('IN DOUBT')
      await expect(page.getByRole('region', { name: 'Messages' })).toContainText('BTC-USD is in doubt')
      await expectAccessible(page)
      const [order] = await suite.orders(subject)
      const row = olga.locator(`[data-order-id="${order?.id}"]`)
      await expect(row).toBeVisible({ timeout: 10_000 })
      await row.click()

      const executions = (await suite.ctl('sim', 'executions')).split('\n').map((line) => JSON.parse(line))
      const execution = executions.filter((one) => one.symbol === 'BTC-USD').at(-1)
      const form = olga.getByRole('form', { name: 'Resolve the order' })
      await form.getByRole('textbox', { name: 'Quantity' }).fill('0.5')
      await form.getByRole('textbox', { name: 'Price' }).fill(String(execution.price))
      await form.getByRole('textbox', { name: 'Execution id' }).fill(execution.exec_id)
      await form.getByRole('textbox', { name: 'Reason' }).fill('told by telephone')
      await expectAccessible(olga)
      await form.getByRole('button', { name: 'Review resolution' }).click()
      await expect(olga.getByRole('alertdialog')).toBeVisible()
      await expectAccessible(olga)
      await olga.getByRole('alertdialog').getByRole('button', { name: 'Resolve: FILL' }).click()

      await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED', { timeout: 10_000 })
      await expect(row).toHaveCount(0, { timeout: 10_000 })
      expect(await suite.orders(subject)).toMatchObject([{ status: 'FILLED', state: 'DONE' }])
    } finally {
      await clear()
    }
  },
)

operations(
  'a halt of one trader is theirs alone, and what it cancels goes from their screen',
  async ({ desk: { page, subject }, olga, suite, complaints }) => {
    complaints.expect(/status of 422/)
    const other = await suite.trader()
    const [id] = (await suite.sql(`SELECT id FROM oxe.traders WHERE subject = '${subject}'`)).split('\n')
    await submit(page, { type: 'LIMIT', symbol: 'MSFT', quantity: '1', price: '395' })
    await expect(rowOf(page)).toHaveAttribute('data-state', 'WORKING')
    const halt = await suite.ctl('halt', '--reason', 'a limit was doubted', '--cancel-open', 'TRADER', id ?? '')
    try {
      await expect(rowOf(page)).toHaveAttribute('data-status', 'CANCELLED', { timeout: 15_000 })
      await submit(page, { type: 'MARKET', symbol: 'MSFT', quantity: '1' })
      await expect(ticketOf(page)).toContainText(/Refused.*halted/i)
      await expect(page.getByRole('region', { name: 'Notice' })).toContainText('a limit was doubted')
      await expect(olga.getByText('a limit was doubted')).toBeVisible({ timeout: 15_000 })
      await suite.as(other, 'submit', '--wait', 'MSFT', 'BUY', '1', 'MARKET')
      expect(await suite.orders(other)).toMatchObject([{ status: 'FILLED' }])
    } finally {
      await suite.ctl('resume', halt)
    }
    await expect(page.getByRole('region', { name: 'Notice' })).toHaveCount(0, { timeout: 15_000 })
  },
)
