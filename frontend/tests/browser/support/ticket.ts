// SPDX-License-Identifier: Apache-2.0
// The ticket as a person fills it, and the rows that come of it. Names are those of the screen (Accessibility: each control has one).
import type { Locator, Page } from '@playwright/test'

export interface Wanted {
  side?: 'BUY' | 'SELL'
  type?: 'MARKET' | 'LIMIT' | 'STOP'
  symbol?: string
  quantity: string
  price?: string
  tif?: 'DAY' | 'GTC' | 'IOC' | 'FOK'
  stopLoss?: string
  takeProfit?: string
}

export const ticketOf = (page: Page): Locator => page.locator('[data-ticket]')

export async function fill(page: Page, wanted: Wanted): Promise<void> {
  const ticket = ticketOf(page)
  const choose = async (group: string, option: string) =>
    void (await ticket.getByRole('radiogroup', { name: group }).getByRole('radio', { name: option }).click())
  await choose('Side', wanted.side ?? 'BUY')
  await choose('Order type', wanted.type ?? 'MARKET')
  if (wanted.symbol) {
    const symbol = ticket.getByRole('combobox', { name: 'Symbol' })
    // Enter beside the list, which does not open for what is chosen already, would be the review's.
    if ((await symbol.inputValue()) !== wanted.symbol) {
      await symbol.fill(wanted.symbol)
      await symbol.press('Enter')
    }
  }
  await ticket.getByRole('textbox', { name: 'Quantity' }).fill(wanted.quantity)
  if (wanted.price) await ticket.getByRole('textbox', { name: 'Price' }).fill(wanted.price)
  if (wanted.tif) await choose('Time in force', wanted.tif)
  if (wanted.stopLoss) await ticket.getByRole('textbox', { name: 'Stop loss' }).fill(wanted.stopLoss)
  if (wanted.takeProfit) await ticket.getByRole('textbox', { name: 'Take profit' }).fill(wanted.takeProfit)
}

export async function submit(page: Page, wanted: Wanted): Promise<void> {
  await fill(page, wanted)
  await page.getByRole('button', { name: 'Review order' }).click()
  await page.getByRole('button', { name: 'Submit order' }).click()
}

// The row of an order, by its id; the newest one without. On a phone it is a card.
export const rowOf = (page: Page, id?: string): Locator =>
  id ? page.locator(`[data-status][data-order-id="${id}"]`) : page.locator('[data-status]').first()
