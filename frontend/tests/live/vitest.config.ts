// SPDX-License-Identifier: Apache-2.0
// Against a running suite, which the environment names: OXE_ORIGIN, and OXE_TOKEN of a trader.
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { '@': resolve(import.meta.dirname, '../..') } },
  test: { root: import.meta.dirname, include: ['*.test.ts'], environment: 'node', testTimeout: 30_000 },
})
