// What axe finds in the views that no other test asks it about: nothing, in both themes.
import { expect, expectAccessible, signIn, test } from './support/test'
import { fill, rowOf, submit } from './support/ticket'

for (const theme of ['dark', 'light'] as const)
  test.describe(theme, () => {
    test.use({ colorScheme: theme })

    test('the ticket’s review, the lists, a drawer with legs, the palette, the keys, the menu', async ({
      desk: { page },
    }) => {
      test.setTimeout(90_000)
      await submit(page, {
        type: 'LIMIT',
        symbol: 'MSFT',
        quantity: '5',
        price: '390',
        stopLoss: '380',
        takeProfit: '420',
      })
      await expect(rowOf(page)).toHaveAttribute('data-state', 'WORKING')
      await submit(page, { symbol: 'MSFT', quantity: '5' })
      await expect(page.locator('[data-status=FILLED]')).toHaveCount(1)
      await fill(page, { symbol: 'MSFT', quantity: '5' })
      await page.getByRole('button', { name: 'Review order' }).click()
      await expect(page.getByRole('button', { name: 'Submit order' })).toBeVisible()
      await expectAccessible(page)
      await page.keyboard.press('Escape')

      for (const tab of ['History', 'Fills', 'Positions']) {
        await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click()
        await expect(page.getByRole('tabpanel')).toContainText('MSFT')
        await expectAccessible(page)
      }
      await page.getByRole('tab', { name: /^Open orders/ }).click()
      await page.locator('[data-state=WORKING]').first().click()
      await expect(page.getByRole('dialog')).toContainText('Protection')
      await expectAccessible(page)
      await page.keyboard.press('Escape')

      await page.keyboard.press('Control+k')
      await expect(page.getByRole('combobox', { name: 'Search or command' })).toBeVisible()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await page.keyboard.press('?')
      await expect(page.getByRole('dialog')).toBeVisible()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await page.locator('[aria-haspopup=menu]').first().click()
      await expect(page.getByRole('menu')).toBeVisible()
      await expectAccessible(page)
    })

    test('a refusal', async ({ desk: { page }, complaints }) => {
      complaints.expect(/status of 422/)
      await submit(page, { type: 'LIMIT', symbol: 'MSFT', quantity: '60000', price: '900' })
      await expect(page.getByRole('alert').filter({ hasText: 'Refused' })).toBeVisible()
      await expectAccessible(page)
    })

    test('an entry of the log', async ({ page }) => {
      await signIn(page, 'carol')
      await page.getByRole('cell', { name: 'SUBMITTED', exact: true }).first().click()
      await expect(page.getByRole('complementary', { name: /^Entry / })).toBeVisible()
      await expectAccessible(page)
    })
  })
