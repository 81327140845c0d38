// SPDX-License-Identifier: Apache-2.0
// Nothing jumps: while the page comes, and while prices and account change, no element moves another.
import { instrument } from '../performance/instruments'
import { expect, signIn, test } from './support/test'

for (const viewport of [
  { width: 1440, height: 900 },
  { width: 1180, height: 800 },
  { width: 390, height: 844 },
])
  test.describe(`${viewport.width} wide`, () => {
    test.use({ viewport, account: { positions: { AAPL: 100 } } })
    test('nothing moves while the trading page comes', async ({ page, trader, suite }) => {
      await suite.as(trader, 'submit', 'AAPL', 'BUY', '10', 'LIMIT', '--price', '140')
      await page.addInitScript(instrument)
      await signIn(page, trader)
      await page.goto('/orders/')
      await page.waitForTimeout(5000)
      expect(await page.evaluate(() => window.measured.shifts)).toEqual([])
    })
  })
