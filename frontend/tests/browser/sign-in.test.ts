// SPDX-License-Identifier: Apache-2.0
import { NOBODY } from './support/suite'
import { expect, expectAccessible, signIn, test } from './support/test'

test('a person signs in and is on the trading page', async ({ page }) => {
  await signIn(page, 'alice')
  await expect(page).toHaveURL(/\/orders\/$/)
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1)
})

test('who is not signed in is led to the sign-in', async ({ page }) => {
  await page.goto('/orders/')
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
})

test('a reload keeps the person', async ({ page }) => {
  await signIn(page, 'bob')
  await page.reload()
  await expect(page).toHaveURL(/\/orders\/$/)
})

test('axe finds nothing in the sign-in, nor in the page that is not there', async ({ page, complaints }) => {
  complaints.expect(/status of 404/)
  await page.goto('/sign-in/')
  await expect(page.getByRole('button', { name: 'Continue as alice' })).toBeVisible()
  await expectAccessible(page)
  await page.goto('/nowhere/')
  await expect(page.getByRole('heading', { name: 'No such page' })).toBeVisible()
  await expectAccessible(page)
})

test('who has no account is told so, and by what name', async ({ page, complaints }) => {
  complaints.expect(/status of 403|response code: 403/)
  await signIn(page, NOBODY)
  const dialog = page.getByRole('alertdialog', { name: 'No account' })
  await expect(dialog).toContainText(`Signed in as ${NOBODY}`)
  await expectAccessible(page)
})
