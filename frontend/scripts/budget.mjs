// SPDX-License-Identifier: Apache-2.0
// How much compressed script the first load of the trading page is: all that its HTML asks for. Fails beyond the budget.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const out = new URL('../out/', import.meta.url).pathname
const FIRST_LOAD_BYTES = 200 * 1024

const html = readFileSync(join(out, 'orders/index.html'), 'utf8')
// What is `nomodule` is not for browsers of today.
const sources = [...html.matchAll(/<script\b([^>]*)>/gi)]
  .map(([, attributes]) => attributes)
  .filter((attributes) => !/\bnomodule\b/i.test(attributes))
  .map((attributes) => attributes.match(/\bsrc="([^"?]*)/i)?.[1])
  .filter((source) => source !== undefined)
const sizes = [...new Set(sources)].map((source) => [
  source,
  statSync(join(out, `${source}.br`), { throwIfNoEntry: false })?.size ?? statSync(join(out, source)).size,
])
const firstLoad = sizes.reduce((sum, [, size]) => sum + size, 0)
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`
for (const [source, size] of sizes.sort(([, a], [, b]) => b - a)) console.log(`${kib(size).padStart(10)}  ${source}`)
console.log(`First load of /orders/: ${kib(firstLoad)} of compressed script; at most ${kib(FIRST_LOAD_BYTES)}.`)
if (firstLoad > FIRST_LOAD_BYTES) {
  console.error('Load later what the first paint does not need.')
  process.exit(1)
}
