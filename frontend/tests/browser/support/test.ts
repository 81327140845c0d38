// SPDX-License-Identifier: Apache-2.0
// The browser's tests begin here: `test` with a suite for each worker, a trader of one's own who is signed in, and an eye on everything
// that a page complains about.
import { AxeBuilder } from '@axe-core/playwright'
import { test as base, expect, type Page } from '@playwright/test'
import { type Account, Suite } from './suite'

export { until } from './suite'
export { expect }

// What a page complained about. A test fails on any of it, but for what it expects.
export class Complaints {
  private readonly found: string[] = []
  private readonly expected: RegExp[] = []

  // A complaint that matches is part of the test: expect(/422/) before an order that is to be refused.
  expect(pattern: RegExp): void {
    this.expected.push(pattern)
  }

  watch(page: Page): void {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        this.found.push(`console ${message.type()}: ${message.text()} (${message.location().url})`)
    })
    page.on('pageerror', (error) => this.found.push(`page error: ${error.stack ?? error}`))
    page.on('requestfailed', (request) => {
      // What a page leaves behind when it goes on to another is no failure.
      const reason = request.failure()?.errorText ?? ''
      if (reason !== 'net::ERR_ABORTED')
        this.found.push(`request failed: ${request.method()} ${request.url()} ${reason}`)
    })
  }

  unexpected(): string[] {
    return this.found.filter((complaint) => !this.expected.some((pattern) => pattern.test(complaint)))
  }
}

export interface Desk {
  page: Page
  subject: string
}

interface Fixtures {
  account: Account
  complaints: Complaints
  trader: string
  desk: Desk
}

export const test = base.extend<Fixtures, { suite: Suite }>({
  suite: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the first argument.
    async ({}, use) => {
      const suite = await Suite.start()
      await use(suite)
      await suite.stop()
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  baseURL: async ({ suite }, use) => use(suite.url),
  // test.use({ account: { cash: '1000', positions: { AAPL: 100 } } })
  account: [{}, { option: true }],
  complaints: [
    async ({ page, suite }, use, info) => {
      const complaints = new Complaints()
      complaints.watch(page)
      await use(complaints)
      if (info.status !== info.expectedStatus) suite.keepLogs()
      expect.soft(complaints.unexpected(), 'what the page complained about').toEqual([])
    },
    { auto: true },
  ],
  trader: async ({ suite, account }, use) => use(await suite.trader(account)),
  desk: async ({ page, trader }, use) => {
    await signIn(page, trader)
    await use({ page, subject: trader })
  },
})

export async function signIn(page: Page, subject: string): Promise<void> {
  await page.goto('/sign-in/')
  await page.getByRole('radio', { name: new RegExp(`^${subject} `) }).check({ force: true })
  await page.getByRole('button', { name: `Continue as ${subject}` }).click()
  await expect(page).not.toHaveURL(/sign-in/)
}

// WCAG 2.2 AA, as far as axe can tell, in both themes: what colours decide is asked for in the other one too.
export async function expectAccessible(page: Page): Promise<void> {
  const html = page.locator('html')
  const theme = (await html.getAttribute('data-theme')) === 'light' ? 'light' : 'dark'
  const other = theme === 'dark' ? 'light' : 'dark'
  const found: string[] = []
  const look = async (axe: AxeBuilder, where: string) => {
    const { violations } = await axe.analyze()
    for (const { id, nodes } of violations)
      found.push(`${where}, ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
  }
  await look(new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']), theme)
  await page.emulateMedia({ colorScheme: other })
  await expect(html).toHaveAttribute('data-theme', other)
  await look(new AxeBuilder({ page }).withRules(['color-contrast', 'link-in-text-block']), other)
  await page.emulateMedia({ colorScheme: theme })
  await expect(html).toHaveAttribute('data-theme', theme)
  expect(found, 'what axe found').toEqual([])
}

// The page's WebSocket in the test's hands. Call it before the page opens.
export async function socketOf(
  page: Page,
): Promise<{ cut(): Promise<void>; mend(): void; lose(text: RegExp, times?: number): () => number }> {
  const open = new Set<{ close(): Promise<void> }>()
  let down = false
  const losing: { text: RegExp; times: number; lost: number }[] = []
  await page.routeWebSocket(/\/ws/, async (socket) => {
    if (down) {
      await socket.close({ code: 1012 })
      return
    }
    const server = socket.connectToServer()
    const both = { close: async () => void (await Promise.all([socket.close({ code: 1012 }), server.close()])) }
    open.add(both)
    socket.onClose(() => open.delete(both))
    // What the page says while its connection is being cut goes nowhere: the socket behind would complain.
    socket.onMessage((frame) => {
      if (open.has(both)) server.send(frame)
    })
    server.onMessage((frame) => {
      const loss = losing.find((one) => one.lost < one.times && one.text.test(String(frame)))
      if (loss) loss.lost += 1
      else socket.send(frame)
    })
  })
  return {
    async cut() {
      down = true
      const cut = [...open]
      open.clear()
      await Promise.all(cut.map((socket) => socket.close()))
    },
    mend() {
      down = false
    },
    // The next frames for the page that have TEXT in them do not arrive; how many were lost is given back.
    lose(text, times = 1) {
      const loss = { text, times, lost: 0 }
      losing.push(loss)
      return () => loss.lost
    },
  }
}
