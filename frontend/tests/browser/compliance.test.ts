// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { expect, expectAccessible, signIn, test, until } from './support/test'

test('the trail of one order is found, and each hash is made again in the browser', async ({ page, trader, suite }) => {
  await suite.as(trader, 'submit', 'MSFT', 'BUY', '2', 'MARKET')
  await until('it is filled', async () => (await suite.orders(trader))[0]?.status === 'FILLED')
  const [order] = await suite.orders(trader)
  await until('its trail is whole', async () => (await actions()).includes('FILLED'))
  async function actions(): Promise<string[]> {
    const rows = await suite.sql(
      `SELECT action FROM oxe.execution_logs WHERE order_id = '${order?.id}' ORDER BY log_seq`,
    )
    return rows.split('\n')
  }

  await signIn(page, 'carol')
  const search = page.getByRole('search', { name: 'Audit trail' })
  await search.getByRole('textbox', { name: 'Order' }).fill('no id')
  await search.getByRole('button', { name: 'Search' }).click()
  await expect(search.getByRole('alert')).toBeVisible()
  await search.getByRole('textbox', { name: 'Order' }).fill(order?.id ?? '')
  await search.getByRole('button', { name: 'Search' }).click()
  const recorded = await actions()
  await expect(page.getByText(`${recorded.length} entries loaded, oldest first`)).toBeVisible()
  await expect(page.getByText(`${recorded.length} of ${recorded.length} equal`)).toBeVisible()
  for (const action of recorded)
    await expect(page.getByRole('cell', { name: action, exact: true }).first()).toBeVisible()

  await expect(page.getByText(/^[\d,]+ entries, verified$/)).toBeVisible()
  await page.getByRole('cell', { name: 'FILLED', exact: true }).first().click()
  await expect(page.getByRole('complementary', { name: /^Entry / })).toContainText(order?.id ?? '')
  await expectAccessible(page)
})

for (const format of ['NDJSON', 'CSV'] as const)
  test(`an export as ${format} is the whole log`, async ({ page, trader, suite }) => {
    await suite.as(trader, 'submit', 'MSFT', 'BUY', '2', 'MARKET')
    await until('its trail is whole', async () => {
      const filled = await suite.sql(`SELECT count(*) FROM oxe.execution_logs a JOIN oxe.traders t ON t.id = a.trader_id
        WHERE t.subject = '${trader}' AND a.action = 'FILLED'`)
      return Number(filled) === 1
    })
    // A headless browser has no dialog that asks where to; without it the file is handed over as a download.
    await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
    await signIn(page, 'carol')
    const sequence = () =>
      suite.sql('SELECT log_seq FROM oxe.execution_logs WHERE log_seq IS NOT NULL ORDER BY log_seq')
    const logged = await sequence()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('menuitem', { name: format }).click()
    const file = await (await download).path()
    const text = await readFile(file, 'utf8')
    const lines = text.split('\n').filter(Boolean)
    const head = lines[0]?.split(',').indexOf('log_seq') ?? -1
    const numbers =
      format === 'CSV'
        ? lines.slice(1).map((line) => line.split(',')[head])
        : lines.map((line) => JSON.parse(line).log_seq)
    expect(numbers.join('\n')).toBe(logged)
    await expect(page.getByText(/^Exported whole: /)).toContainText(
      `${lines.length - (format === 'CSV' ? 1 : 0)} entries`.replace(/\d+/, (digits) =>
        Number(digits).toLocaleString('en-US'),
      ),
    )
    await expectAccessible(page)
  })

test('an export that cannot begin says so, and can be tried again', async ({ page, complaints }) => {
  complaints.expect(/request failed|Failed to load resource/)
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
  await signIn(page, 'carol')
  const exportAs = async () => {
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('menuitem', { name: 'CSV' }).click()
  }
  await page.route(/\/audit\/export/, (route) => route.abort('connectionrefused'))
  await exportAs()
  await expect(page.getByText('No answer from the gateway. Try again.')).toBeVisible()
  await expectAccessible(page)
  await page.unroute(/\/audit\/export/)
  await exportAs()
  await expect(page.getByText(/^Exported whole: /)).toBeVisible()
})
