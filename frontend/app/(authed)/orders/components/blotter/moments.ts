// SPDX-License-Identifier: Apache-2.0
// A moment as a person types it ('2026-11-24' or '2026-11-24 09:30') and as the API takes it.

// The API's text, null where nothing is typed, undefined where it is no moment.
export function momentOf(typed: string, utc: boolean): string | null | undefined {
  const text = typed.trim()
  if (text === '') return null
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(?::(\d{2}))?)?$/.exec(text)
  if (!match) return undefined
  const [, date, minute = '00:00', second = '00'] = match
  const at = new Date(`${date}T${minute}:${second}${utc ? 'Z' : ''}`)
  if (at.toString() === 'Invalid Date') return undefined
  // 30 February is taken for 2 March by some.
  const day = utc ? at.getUTCDate() : at.getDate()
  return day === parseInt(text.slice(8, 10), 10) ? at.toISOString() : undefined
}
