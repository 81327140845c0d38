// SPDX-License-Identifier: Apache-2.0
// Which instruments a person means by a few letters: the symbol's beginning first, then anywhere in symbol or name; what cannot be traded last.
import type { Instrument } from './types'

function rank(instrument: Instrument, query: string): number {
  const symbol = instrument.symbol.toLowerCase()
  const name = instrument.name.toLowerCase()
  if (query === '') return 0
  if (symbol === query) return 0
  if (symbol.startsWith(query)) return 1
  if (name.startsWith(query) || name.includes(` ${query}`)) return 2
  if (symbol.includes(query) || name.includes(query)) return 3
  return -1
}

export function matching(instruments: readonly Instrument[], query: string): Instrument[] {
  const asked = query.trim().toLowerCase()
  return instruments
    .map((instrument) => ({ instrument, rank: rank(instrument, asked) }))
    .filter((found) => found.rank >= 0)
    .sort(
      (a, b) =>
        (a.instrument.tradable ? 0 : 1) - (b.instrument.tradable ? 0 : 1) ||
        a.rank - b.rank ||
        (a.instrument.symbol < b.instrument.symbol ? -1 : 1),
    )
    .map((found) => found.instrument)
}
