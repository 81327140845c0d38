// SPDX-License-Identifier: Apache-2.0
// A bracket's legs. Without the exchange's own quotes only another trader fills an order, so its parts are exact.
import { expect, test, until } from './support/test'
import { rowOf, submit } from './support/ticket'

test('legs come with the first fill, grow with the next, and one cancels the other', async ({
  desk: { page, subject },
  suite,
}) => {
  const other = await suite.trader({ positions: { NVDA: 100 } })
  const trade = (...words: string[]) => suite.as(other, 'submit', 'NVDA', ...words)
  const mend = await suite.fault('no-liquidity', 'symbol=NVDA')
  try {
    await submit(page, {
      type: 'LIMIT',
      symbol: 'NVDA',
      quantity: '100',
      price: '118',
      stopLoss: '112',
      takeProfit: '124',
    })
    const entry = rowOf(page, (await suite.orders(subject))[0]?.id)
    await expect(entry).toHaveAttribute('data-state', 'WORKING')
    await expect(page.locator('[data-status]')).toHaveCount(1)

    await trade('SELL', '30', 'LIMIT', '--price', '118')
    await expect(entry).toHaveAttribute('data-status', 'PARTIAL')
    await until('both legs are there', async () => (await suite.orders(subject)).length === 3)
    const idOf = async (type: string) => (await suite.orders(subject)).slice(1).find((leg) => leg.type === type)?.id
    const stopLoss = rowOf(page, await idOf('STOP'))
    const takeProfit = rowOf(page, await idOf('LIMIT'))
    for (const leg of [stopLoss, takeProfit]) {
      await expect(leg).toHaveAttribute('data-state', 'WORKING')
      await expect(leg).toContainText('/ 30')
    }

    await trade('SELL', '70', 'LIMIT', '--price', '118')
    await expect(entry).toHaveAttribute('data-status', 'FILLED')
    for (const leg of [stopLoss, takeProfit]) await expect(leg).toContainText('/ 100')

    await trade('BUY', '100', 'LIMIT', '--price', '124')
    await expect(takeProfit).toHaveAttribute('data-status', 'FILLED')
    await expect(stopLoss).toHaveAttribute('data-status', 'CANCELLED')
    const all = await suite.orders(subject)
    expect(all.map(({ status }) => status).sort()).toEqual(['CANCELLED', 'FILLED', 'FILLED'])
  } finally {
    await mend()
  }
})
