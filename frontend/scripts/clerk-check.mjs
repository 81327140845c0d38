// SPDX-License-Identifier: Apache-2.0
// Builds the screen with a Clerk key and shows that nothing of the development sign-in is in it. Leaves no build behind, so that nobody
// serves this one. node scripts/clerk-check.mjs
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname
const key = `pk_test_${Buffer.from('oxe.example.clerk.accounts.dev$').toString('base64')}`
const mustLack = ['/dev/sign-in', 'Development sign-in', 'oxe.subject']
const mustHold = [key]

execFileSync('npx', ['next', 'build'], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...process.env, NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: key },
})
const out = join(root, 'out')
const texts = readdirSync(out, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
rmSync(out, { recursive: true })
rmSync(join(root, '.next'), { recursive: true })

const found = (text) => texts.some((file) => file.includes(text))
const wrong = [
  ...mustLack.filter(found).map((text) => `holds '${text}'`),
  ...mustHold.filter((text) => !found(text)).map((text) => `lacks '${text}'`),
]
for (const text of wrong) console.error(`The build with a Clerk key ${text}.`)
if (wrong.length === 0) console.log('The build with a Clerk key holds no development sign-in.')
process.exit(wrong.length === 0 ? 0 : 1)
