import { describe, expect, it } from 'vitest'
import { distance, parseMoment } from '@/app/(authed)/compliance/components/moment'

const now = new Date('2026-11-24T16:42:07Z')

describe('a moment as a person writes it', () => {
  it.each([
    ['2026-11-24 11:27', '2026-11-24T11:27:00Z'],
    ['2026-11-24T11:27:03Z', '2026-11-24T11:27:03Z'],
    ['2026-11-24 11:27:03.25', '2026-11-24T11:27:03.250000Z'],
    ['2026-11-24', '2026-11-24T00:00:00Z'],
    ['11:27:03', '2026-11-24T11:27:03Z'],
    [' 9:05 ', '2026-11-24T09:05:00Z'],
  ])('%s is %s', (text, iso) => expect(parseMoment(text, true, now)).toBe(iso))
  it.each(['', 'Z', 'now', '2026-02-30', '2026-11-24 24:00', '11', '2026-11-24 11:27 x', '12:61'])(
    '%s is none',
    (text) => expect(parseMoment(text, true, now)).toBeNull(),
  )
})

describe('a distance', () => {
  it.each([
    [1_825n, '+1.8 ms'],
    [999_960n, '+1000.0 ms'],
    [6_090_000n, '+6.09 s'],
    [120_000_000n, '+2 m'],
    [-1_500n, '−1.5 ms'],
  ])('%s µs is %s', (us, text) => expect(distance(us)).toBe(text))
})
