// SPDX-License-Identifier: Apache-2.0
// Whether an entry is in the log that a checkpoint has signed (RFC 9162 section 2.1.3.2).
import { sha256, toHex } from './note'

const NODE = Uint8Array.of(1)

// `index` counts from 0. `path` goes from the entry's side to the root's.
export async function isIncluded(
  leaf: Uint8Array,
  index: bigint,
  path: readonly Uint8Array[],
  { size, root }: { size: bigint; root: Uint8Array },
): Promise<boolean> {
  if (index < 0n || index >= size) return false
  let at = index
  let last = size - 1n
  let hash = leaf
  for (const other of path) {
    if (last === 0n) return false
    if (at % 2n === 1n || at === last) {
      hash = await sha256(NODE, other, hash)
      while (at % 2n === 0n && at !== 0n) {
        at /= 2n
        last /= 2n
      }
    } else hash = await sha256(NODE, hash, other)
    at /= 2n
    last /= 2n
  }
  return last === 0n && toHex(hash) === toHex(root)
}
