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

for (const theme of ['dark', 'light'] as const)
  test(`axe finds nothing in the sign-in, ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme })
    await page.goto('/sign-in/')
    await expect(page.getByRole('button', { name: 'Continue as alice' })).toBeVisible()
    await expectAccessible(page)
  })
