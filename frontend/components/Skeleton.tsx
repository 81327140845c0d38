// SPDX-License-Identifier: Apache-2.0
// A bar in the place of a text that is on its way, of the geometry that the text will have.
export function Skeleton({ width, height }: { width: number; height?: number }) {
  return <span className="sk" style={height ? { width, height } : { width }} />
}
