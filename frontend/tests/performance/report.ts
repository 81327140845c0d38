// SPDX-License-Identifier: Apache-2.0
// The figures, as one table beside their bars: on standard output and, with each reading, in performance.json.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'

export interface Figure {
  what: string
  measured: string
  bar: string
}

const figures: Figure[] = []
const readings: Record<string, unknown> = {}

export function tell(what: string, measured: string, bar: string): void {
  figures.push({ what, measured, bar })
}

export function keep(name: string, reading: unknown): void {
  readings[name] = reading
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export function table(): string {
  const lines = figures.map(({ what, measured, bar }) => `| ${what} | ${measured} | ${bar} |`)
  const machine = `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}`
  return ['| what | measured | bar |', '| --- | --- | --- |', ...lines, '', `Machine: ${machine}.`].join('\n')
}

export function save(path: string): void {
  writeFileSync(path, `${JSON.stringify({ figures, readings }, null, 2)}\n`)
}
