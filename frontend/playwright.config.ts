// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from '@playwright/test'

// Against a real suite in Debian's Chromium: docs/testing.md tells how. One worker: an instance and a browser fill two cores.
export default defineConfig({
  testDir: process.env.OXE_PERFORMANCE ? 'tests/performance' : 'tests/browser',
  testMatch: process.env.OXE_PERFORMANCE
    ? 'screen.ts'
    : process.env.OXE_PICTURES
      ? 'pictures.ts'
      : process.env.OXE_SCREEN_URL
        ? 'elsewhere.ts'
        : '*.test.ts',
  outputDir: process.env.OXE_BROWSER_RESULTS ?? 'tests/results',
  reporter: process.env.OXE_BROWSER_TAP && !process.env.OXE_PERFORMANCE ? './tests/browser/support/tap.ts' : 'list',
  workers: 1,
  forbidOnly: true,
  timeout: 45_000,
  expect: { timeout: 5_000 },
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    timezoneId: 'America/New_York',
    locale: 'en-US',
    contextOptions: { reducedMotion: 'reduce' },
    screenshot: 'only-on-failure',
    trace: 'off',
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'],
    },
  },
})
