// SPDX-License-Identifier: Apache-2.0
// Inclusion against a tree built by RFC 9162's definition, at every size; and each proof spoiled.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isIncluded } from '@/lib/inclusion'

const hash = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
const join = (left: Uint8Array, right: Uint8Array) => hash(Uint8Array.of(1), left, right)
const leaves = Array.from({ length: 33 }, (_, i) => hash(Uint8Array.of(0, i)))

const half = (n: number): number => 2 ** Math.ceil(Math.log2(n) - 1)

function rootOf(part: Uint8Array[]): Uint8Array {
  if (part.length === 1) return part[0] as Uint8Array
  const k = half(part.length)
  return join(rootOf(part.slice(0, k)), rootOf(part.slice(k)))
}

function pathOf(index: number, part: Uint8Array[]): Uint8Array[] {
  if (part.length === 1) return []
  const k = half(part.length)
  return index < k
    ? [...pathOf(index, part.slice(0, k)), rootOf(part.slice(k))]
    : [...pathOf(index - k, part.slice(k)), rootOf(part.slice(0, k))]
}

describe('inclusion', () => {
  it('holds for every entry of every tree, and for no other place', async () => {
    for (let size = 1; size <= leaves.length; size++) {
      const tree = leaves.slice(0, size)
      const head = { size: BigInt(size), root: rootOf(tree) }
      for (let index = 0; index < size; index++) {
        const leaf = tree[index] as Uint8Array
        const path = pathOf(index, tree)
        expect(await isIncluded(leaf, BigInt(index), path, head), `${index} of ${size}`).toBe(true)
        for (const other of [index - 1, index + 1, size, size + 1])
          expect(await isIncluded(leaf, BigInt(other), path, head), `${index} as ${other} of ${size}`).toBe(false)
        expect(await isIncluded(hash(leaf), BigInt(index), path, head)).toBe(false)
      }
    }
  })
  it('fails with a hash changed, missing, swapped or too many', async () => {
    const head = { size: 33n, root: rootOf(leaves) }
    const path = pathOf(20, leaves)
    const leaf = leaves[20] as Uint8Array
    expect(await isIncluded(leaf, 20n, path, head)).toBe(true)
    for (let i = 0; i < path.length; i++) {
      expect(await isIncluded(leaf, 20n, path.with(i, hash(path[i] as Uint8Array)), head)).toBe(false)
      expect(await isIncluded(leaf, 20n, path.toSpliced(i, 1), head)).toBe(false)
      expect(await isIncluded(leaf, 20n, path.toSpliced(i, 0, leaf), head)).toBe(false)
    }
    expect(await isIncluded(leaf, 20n, path.toReversed(), head)).toBe(false)
    expect(await isIncluded(leaf, 20n, [...path, leaf], head)).toBe(false)
    expect(await isIncluded(leaf, 20n, path, { ...head, size: 65n })).toBe(false)
  })
})
