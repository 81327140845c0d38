// SPDX-License-Identifier: Apache-2.0
// What the drawer says of an order's entries, against the log of a running suite and against whoever changes it.
import type { Page } from '@playwright/test'
import { expect, test } from './support/test'
import { rowOf, submit } from './support/ticket'

const trail = (page: Page) => page.locator('.tl li')
const verdict = (page: Page) => page.locator('.verdict')

async function open(page: Page): Promise<void> {
  await submit(page, { symbol: 'AAPL', quantity: '3' })
  await expect(rowOf(page)).toHaveAttribute('data-status', 'FILLED')
  await rowOf(page).click()
  await expect(trail(page).filter({ hasText: 'FILLED' })).toBeVisible()
}

async function reopen(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await rowOf(page).click()
}

test('each entry is proved, and one that somebody changes is found', async ({ desk: { page, subject }, suite }) => {
  await open(page)
  const entries = await trail(page).count()
  await expect(verdict(page)).toHaveText(`${entries} of ${entries} proved`)
  await expect(trail(page).filter({ hasText: 'proved' })).toHaveCount(entries)

  const [order] = await suite.orders(subject)
  const change = (to: string) =>
    suite.sql(
      `SET session_replication_role = replica; UPDATE oxe.execution_logs SET actor = '${to}' WHERE order_id = '${order?.id}' AND action = 'APPROVED'`,
    )
  await change('eve')
  try {
    // A trail that was read a moment ago is not read again.
    await expect(async () => {
      await reopen(page)
      await expect(verdict(page)).toHaveText(`1 of ${entries} does not match`, { timeout: 1000 })
    }).toPass()
    await expect(trail(page).filter({ hasText: 'does not match' })).toContainText('APPROVED by eve')
  } finally {
    await change('risk-manager')
  }
})

test('an entry waits for its checkpoint, and is proved once it is signed', async ({ desk: { page }, suite }) => {
  const giveBack = await suite.withoutAuditKey()
  try {
    await open(page)
    await expect(verdict(page)).toContainText('waiting for a checkpoint')
    await expect(trail(page).filter({ hasText: 'FILLED' })).toContainText('waiting for a checkpoint')
  } finally {
    await giveBack()
  }
  await expect(verdict(page)).toHaveText(/^(\d+) of \1 proved$/)
})

test('keys that change are not believed before somebody says so', async ({ desk: { page }, suite }) => {
  await open(page)
  await expect(verdict(page)).toHaveText(/proved$/)
  const giveBack = await suite.otherAuditPolicy()
  try {
    await reopen(page)
    await expect(page.getByText('The keys of the audit log have changed.')).toBeVisible()
    await expect(verdict(page)).toHaveText(/^(\d+) of \1 proved$/)
    await page.getByRole('button', { name: 'Trust the new keys' }).click()
    await expect(verdict(page)).toHaveText('The log is not signed by the keys that are trusted here')
  } finally {
    await giveBack()
  }
  await reopen(page)
  await page.getByRole('button', { name: 'Trust the new keys' }).click()
  await expect(verdict(page)).toHaveText(/^(\d+) of \1 proved$/)
})
