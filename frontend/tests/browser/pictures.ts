// SPDX-License-Identifier: Apache-2.0
// The pictures of docs/images, from the real screen: OXE_PICTURES=yes tests/browser/run.sh. Needs pngquant.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, signIn, socketOf, test } from './support/test'
import { fill, rowOf, submit } from './support/ticket'

const images = resolve(import.meta.dirname, '../../../docs/images')
const desktop = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }
const MINUTES = 2

// Four hours of one-minute bars that end at the last price: an instance of some minutes has no more of its own than these minutes.
const past = (symbol: string) => `
  SELECT setseed(0.4);
  WITH steps AS (SELECT i, (random() - 0.5)::numeric * 0.22 AS step, random()::numeric * 0.09 AS above,
                        random()::numeric * 0.09 AS below, random()::numeric AS much
                   FROM generate_series(1, 240) AS i),
  walk AS (SELECT i, above, below, much, round(p.price + sum(step) OVER (ORDER BY i), 2) AS close
             FROM steps, oxe.last_prices p WHERE p.symbol = '${symbol}'),
  bars AS (SELECT *, lead(close) OVER (ORDER BY i) AS open FROM walk)
  INSERT INTO oxe.bars (symbol, span, starts_at, open, high, low, close, volume)
  SELECT '${symbol}', '1m', date_bin('1 minute', now(), 'epoch') - i * interval '1 minute', open,
         round(greatest(open, close) + above, 2), round(least(open, close) - below, 2), close, round(much * 600)
    FROM bars WHERE open IS NOT NULL ON CONFLICT DO NOTHING`

async function picture(page: Page, name: string): Promise<void> {
  const path = `${images}/screen-${name}.png`
  await page.evaluate(() => document.fonts.ready)
  await page.waitForTimeout(1_500)
  await page.screenshot({ path, animations: 'disabled' })
  execFileSync('pngquant', ['--force', '--skip-if-larger', '--ext', '.png', '--speed', '1', '128', path])
}

const looks = (theme: 'dark' | 'light', viewport = desktop) => ({ colorScheme: theme, viewport })

test.describe.configure({ mode: 'serial' })
mkdirSync(images, { recursive: true })

test('alice has traded for some minutes', async ({ suite }) => {
  test.setTimeout((MINUTES + 2) * 60_000)
  await suite.sql(past('AAPL'))
  const order = (...words: string[]) => suite.ctl('submit', ...words)
  await order('MSFT', 'BUY', '20', 'LIMIT', '--price', '395')
  await order('NVDA', 'SELL', '5', 'MARKET').catch(() => {}) // refused: short selling is off
  await order('GOOG', 'BUY', '60', 'STOP', '--price', '182.50')
  for (let minute = 0; minute < MINUTES * 4; minute++) {
    const symbol = ['AAPL', 'SPY', 'AAPL', 'NVDA'][minute % 4] ?? 'AAPL'
    await order(symbol, 'BUY', String(10 + 5 * (minute % 7)), 'MARKET')
    if (minute % 6 === 5) await order('AAPL', 'SELL', '30', 'MARKET')
    await new Promise((done) => setTimeout(done, 15_000))
  }
  await order('AAPL', 'BUY', '200', 'LIMIT', '--price', '147.80', '--stop-loss', '145', '--take-profit', '155')
})

for (const theme of ['dark', 'light'] as const)
  test.describe(theme, () => {
    test.use(looks(theme))
    test('the trading page', async ({ page }) => {
      await signIn(page, 'alice')
      await fill(page, {
        type: 'LIMIT',
        symbol: 'AAPL',
        quantity: '100',
        price: '149.20',
        stopLoss: '148.20',
        takeProfit: '151',
      })
      await expect(page.getByText('Estimated cost')).toBeVisible()
      await picture(page, `orders-${theme}`)
    })
  })

test.describe('in the dark', () => {
  test.use(looks('dark'))

  test('review, drawer, lists', async ({ page }) => {
    await signIn(page, 'alice')
    await fill(page, {
      type: 'LIMIT',
      symbol: 'AAPL',
      quantity: '100',
      price: '149.20',
      stopLoss: '148.20',
      takeProfit: '151',
    })
    await page.getByRole('button', { name: 'Review order' }).click()
    await picture(page, 'review-dark')
    await page.keyboard.press('Escape')
    for (const tab of ['History', 'Fills', 'Positions']) {
      await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click()
      await picture(page, `${tab.toLowerCase()}-dark`)
    }
    await page.getByRole('tab', { name: /^History/ }).click()
    await rowOf(page).click()
    await picture(page, 'detail-dark')
  })

  test('a refusal', async ({ page, complaints }) => {
    complaints.expect(/status of 422/)
    await signIn(page, 'alice')
    await submit(page, { type: 'LIMIT', symbol: 'AAPL', quantity: '60000', price: '149.20' })
    await picture(page, 'refused-dark')
  })

  test('the palette', async ({ page }) => {
    await signIn(page, 'alice')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('buy 100 aapl')
    await picture(page, 'palette-dark')
  })

  test('a halt', async ({ page, suite }) => {
    const lift = await suite.halt('news pending', 'SYMBOL', 'AAPL')
    try {
      await signIn(page, 'alice')
      await expect(page.getByRole('region', { name: 'Notice' })).toContainText('AAPL is halted')
      await picture(page, 'halted-dark')
    } finally {
      await lift()
    }
  })

  test('offline', async ({ page, complaints }) => {
    complaints.expect(/request failed|Failed to load resource/)
    const socket = await socketOf(page)
    await signIn(page, 'alice')
    await expect(page.locator('[data-connection=live]')).toBeVisible()
    await page.waitForTimeout(3_000) // the chart is there, too
    await page.route(/\/api\/v1\//, (route) => route.abort('connectionrefused'))
    await socket.cut()
    await expect(page.locator('[data-connection=offline]')).toBeVisible({ timeout: 30_000 })
    await picture(page, 'offline-dark')
  })

  test('the sign-in', async ({ page }) => {
    await page.goto('/sign-in/')
    await expect(page.getByRole('button', { name: 'Continue as alice' })).toBeVisible()
    await picture(page, 'signin-dark')
  })

  for (const [subject, name] of [
    ['carol', 'compliance'],
    ['olga', 'operations'],
  ] as const)
    test(name, async ({ page }) => {
      await signIn(page, subject)
      await picture(page, `${name}-dark`)
    })
})

test.describe('on a phone', () => {
  test.use(looks('dark', phone))
  test('the trading page', async ({ page }) => {
    await signIn(page, 'alice')
    await picture(page, 'phone-dark')
    await page.getByRole('button', { name: /^Buy/ }).first().click()
    await picture(page, 'phone-ticket-dark')
  })
})
