// SPDX-License-Identifier: Apache-2.0
// Texts of figures and times. A trading screen does not follow the locale: ',' between thousands, '.' before decimals, U+2212 for minus.
// Nothing is rounded but what money and percent are asked to round, for showing.
import { type Decimal, decimalText, round } from './decimal'

export const NONE = '–'

// Exact, with at least so many digits after the point: '1,550.4', figure(value, 2) '1,550.40'.
export function figure(value: Decimal, least = 0): string {
  const [whole = '0', fraction = ''] = decimalText(value < 0n ? -value : value).split('.')
  const shown = fraction.padEnd(least, '0')
  return (value < 0n ? '−' : '') + whole.replace(/\B(?=(\d{3})+$)/g, ',') + (shown && `.${shown}`)
}

// Of a whole number: '1,284,287'.
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',')

// With a sign, also when it is a gain.
export const signed = (value: Decimal, least = 0): string => (value > 0n ? '+' : '') + figure(value, least)

export const money = (value: Decimal): string => figure(round(value, 2), 2)
export const signedMoney = (value: Decimal): string => signed(round(value, 2), 2)

// Of a value that is in percent already: '+0.39 %'.
export const percent = (value: Decimal): string => `${signed(round(value, 2), 2)} %`

const pad = (value: number, length = 2): string => String(value).padStart(length, '0')

// '11:42:07' of the API's time text, local or UTC, with so many digits of the second's fraction as they stand in the text.
export function clock(iso: string, utc: boolean, digits = 0): string {
  const at = new Date(iso)
  const [h, m, s] = utc
    ? [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()]
    : [at.getHours(), at.getMinutes(), at.getSeconds()]
  const fraction = digits > 0 ? `.${(/\.(\d+)/.exec(iso)?.[1] ?? '').padEnd(digits, '0').slice(0, digits)}` : ''
  return `${pad(h)}:${pad(m)}:${pad(s)}${fraction}`
}

// '2026-11-24'
export function day(iso: string, utc: boolean): string {
  const at = new Date(iso)
  return utc
    ? `${at.getUTCFullYear()}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())}`
    : `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`
}

// How long ago: '8 s', '3 m', '2 h 06', '4 d'.
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} m`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h ${pad(minutes % 60)}` : `${Math.floor(hours / 24)} d`
}

// 'UTC', or 'New York, UTC−05:00': the zone that the times are in.
export function zone(utc: boolean, at = new Date()): string {
  if (utc) return 'UTC'
  const minutes = -at.getTimezoneOffset()
  const away = Math.abs(minutes)
  const offset = `UTC${minutes < 0 ? '−' : '+'}${pad(Math.floor(away / 60))}:${pad(away % 60)}`
  const place = Intl.DateTimeFormat().resolvedOptions().timeZone.split('/').pop()?.replaceAll('_', ' ')
  return place && place !== 'UTC' ? `${place}, ${offset}` : offset === 'UTC+00:00' ? 'UTC' : offset
}
