// SPDX-License-Identifier: Apache-2.0
// Playwright's results as TAP, for meson.
import type { FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter'

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
const colours = /\u001b\[[0-9;]*m/g

export default class Tap implements Reporter {
  private number = 0

  onTestEnd(test: TestCase, result: TestResult): void {
    const [, project, , ...names] = test.titlePath()
    const name = [project, ...names].filter(Boolean).join(', ').replaceAll('#', '')
    const skipped = result.status === 'skipped' ? ' # SKIP' : ''
    this.say(`${test.ok() ? 'ok' : 'not ok'} ${++this.number} - ${name}${skipped}`)
    for (const error of test.ok() ? [] : result.errors) this.explain(error.stack ?? error.message ?? '')
    for (const { path } of test.ok() ? [] : result.attachments) if (path) this.explain(path)
  }

  // Outside of any test: a file that does not load, an instance that does not start.
  onError(error: { message?: string; stack?: string }): void {
    this.explain(error.stack ?? error.message ?? '')
  }

  onEnd(result: FullResult): void {
    this.say(`1..${this.number}`)
    if (this.number === 0) this.say(`Bail out! no test ran: ${result.status}`)
  }

  printsToStdio(): boolean {
    return true
  }

  private explain(text: string): void {
    for (const line of text.replace(colours, '').split('\n').slice(0, 60)) this.say(`# ${line}`)
  }

  private say(line: string): void {
    process.stdout.write(`${line}\n`)
  }
}
