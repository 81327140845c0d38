// SPDX-License-Identifier: Apache-2.0
// Distances in time, in microseconds.

// '+1.9 ms', '+6.09 s', '+2 m'
export function distance(us: bigint): string {
  const sign = us < 0n ? '−' : '+'
  const size = us < 0n ? -us : us
  if (size < 1_000_000n) return `${sign}${rounded(size, 1000n, 1)} ms`
  if (size < 60_000_000n) return `${sign}${rounded(size, 1_000_000n, 2)} s`
  return `${sign}${size / 60_000_000n} m`
}

function rounded(value: bigint, unit: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits)
  const scaled = (value * scale + unit / 2n) / unit
  return `${scaled / scale}.${(scaled % scale).toString().padStart(digits, '0')}`
}
