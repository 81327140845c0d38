// SPDX-License-Identifier: Apache-2.0
// How long something took, from the microseconds of two entries of the trail.
import { micros } from '@/lib/leafhash'

// '0.8 ms', '4.62 s', '37.3 s', '3 m 12 s', '2 h 06 m', '4 d'
export function spanText(us: bigint): string {
  if (us < 0n) return `−${spanText(-us)}`
  if (us < 1_000_000n) return us < 100_000n ? `${tenths(us, 1000n)} ms` : `${us / 1000n} ms`
  if (us < 10_000_000n) return `${us / 1_000_000n}.${((us % 1_000_000n) / 10_000n).toString().padStart(2, '0')} s`
  if (us < 60_000_000n) return `${tenths(us, 1_000_000n)} s`
  const seconds = us / 1_000_000n
  if (seconds < 3600n) return `${seconds / 60n} m ${pad(seconds % 60n)} s`
  const minutes = seconds / 60n
  return minutes < 1440n ? `${minutes / 60n} h ${pad(minutes % 60n)} m` : `${minutes / 1440n} d`
}

const tenths = (us: bigint, unit: bigint): string => `${us / unit}.${((us % unit) * 10n) / unit}`
const pad = (value: bigint): string => value.toString().padStart(2, '0')

export const after = (first: { timestamp: string }, then: { timestamp: string }): string =>
  spanText(micros(then.timestamp) - micros(first.timestamp))
