// SPDX-License-Identifier: Apache-2.0
// The screen of a suite that runs elsewhere, at OXE_SCREEN_URL, with its demo traders: one order from the sign-in to FILLED.
import { expect, test } from '@playwright/test'
import { rowOf, submit } from './support/ticket'

test.use({ baseURL: process.env.OXE_SCREEN_URL })

test('the screen trades', async ({ page }) => {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto('/sign-in/')
  await page.getByRole('radio', { name: /^alice / }).check({ force: true })
  await page.getByRole('button', { name: 'Continue as alice' }).click()
  await submit(page, { symbol: 'AAPL', quantity: '100' })
  await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED')
  expect(complaints).toEqual([])
})
