// Points in time as a person writes them, and distances in microseconds.
import { clock, day } from '@/lib/format'

// 'YYYY-MM-DD HH:MM:SS', local or UTC.
export function momentText(at: Date, utc: boolean): string {
  const iso = at.toISOString()
  return `${day(iso, utc)} ${clock(iso, utc)}`
}

const MOMENT = /^(?:(\d{4})-(\d{2})-(\d{2})(?:[T ]+|$))?(?:(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?(Z)?$/

// '2026-11-24 11:27', '2026-11-24', '11:27:03' (of today), with Z always UTC: the API's text of it; null when it is none.
export function parseMoment(text: string, utc: boolean, now = new Date()): string | null {
  const match = MOMENT.exec(text.trim())
  if (!match || text.trim() === '' || text.trim() === 'Z') return null
  const [, year, month, date, hour = '0', minute = '0', second = '0', fraction = '', z] = match
  if (year === undefined && match[4] === undefined) return null
  const inUtc = utc || z !== undefined
  const int = (part: string) => parseInt(part, 10)
  const today = inUtc
    ? [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
    : [now.getFullYear(), now.getMonth(), now.getDate()]
  const [y = 0, m = 0, d = 0] = year && month && date ? [int(year), int(month) - 1, int(date)] : today
  const parts = [y, m, d, int(hour), int(minute), int(second)] as const
  const at = inUtc ? new Date(Date.UTC(...parts)) : new Date(...parts)
  const [month2, date2] = inUtc ? [at.getUTCMonth(), at.getUTCDate()] : [at.getMonth(), at.getDate()]
  if (int(hour) > 23 || int(minute) > 59 || int(second) > 59) return null
  if (month2 !== m || date2 !== d) return null
  return `${at.toISOString().slice(0, 19)}${fraction && `.${fraction.padEnd(6, '0')}`}Z`
}

// '+1.9 ms', '+6.09 s', '+2 m'
export function distance(us: bigint): string {
  const sign = us < 0n ? '−' : '+'
  const size = us < 0n ? -us : us
  if (size < 1_000_000n) return `${sign}${tenths(size, 1000n, 1)} ms`
  if (size < 60_000_000n) return `${sign}${tenths(size, 1_000_000n, 2)} s`
  return `${sign}${size / 60_000_000n} m`
}

function tenths(value: bigint, unit: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits)
  const scaled = (value * scale + unit / 2n) / unit
  return `${scaled / scale}.${(scaled % scale).toString().padStart(digits, '0')}`
}
