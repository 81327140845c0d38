// SPDX-License-Identifier: Apache-2.0
// What the gateway needs beside the files of the export (docs/security.md): X.html.csp with the hashes of X.html's inline scripts,
// and each text file compressed. One source gives the same bytes each time.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const out = new URL('../out/', import.meta.url).pathname
const text = new Set(['.html', '.js', '.css', '.json', '.txt', '.svg', '.webmanifest'])
const WORTHWHILE_BYTES = 1024

const files = readdirSync(out, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .sort()

const scripts = (html) =>
  [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)].map(([, attributes, body]) => ({ attributes, body }))
const attribute = (attributes, name) => attributes.match(new RegExp(`\\b${name}="([^"]*)"`, 'i'))?.[1]
const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  })

for (const file of files) {
  const kind = extname(file)
  if (kind === '.map' || kind === '.br' || kind === '.gz' || kind === '.csp') {
    rmSync(file)
    continue
  }
  if (!text.has(kind)) continue
  const bytes = readFileSync(file)
  if (kind === '.html') {
    const hashes = scripts(bytes.toString())
      .filter(({ attributes }) => attribute(attributes, 'src') === undefined)
      .map(({ body }) => `'sha256-${createHash('sha256').update(body).digest('base64')}'`)
    writeFileSync(`${file}.csp`, `${[...new Set(hashes)].join(' ')}\n`)
  }
  if (bytes.length < WORTHWHILE_BYTES) continue
  writeFileSync(`${file}.br`, brotli(bytes))
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
}
