// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest'
import { distance } from '@/app/(authed)/compliance/components/distance'

it.each([
  [1_825n, '+1.8 ms'],
  [999_940n, '+999.9 ms'],
  [6_090_000n, '+6.09 s'],
  [120_000_000n, '+2 m'],
  [-1_500n, '−1.5 ms'],
])('%s µs is %s', (us, text) => expect(distance(us)).toBe(text))
