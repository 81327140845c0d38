// SPDX-License-Identifier: Apache-2.0
import { setFlagsFromString } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseExact, parseWithList, parseWithSource, toJson } from '@/lib/json'

// Node 20 tells the source of numbers only when it is asked to.
setFlagsFromString('--harmony-json-parse-with-source')

const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,8})?$/)
const powers = fc.stringMatching(/^-?(0|[1-9][0-9]?)(\.[0-9]{1,3})?[eE][+-]?[0-5]$/)
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('1.5', '"', '\\', '\\"1', '":2,"', '[1,2]', '1e5', '-0', '\u2028', 'é\u0000'),
)
const names = fc.oneof(
  texts,
  fc.constantFrom('price', 'seq', 'quantity', '__proto__', 'constructor', '0', '10', '2', ''),
)
const gap = fc.constantFrom('', ' ', '\n', '\t\r ')

// JSON as text, so that every form of a number, doubled names and blanks come up.
const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.oneof(digits, powers),
    texts.map((text) => JSON.stringify(text)),
    texts.map(
      (text) =>
        `"${[...text].map((c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0').slice(-4)}`).join('')}"`,
    ),
    fc.constantFrom('true', 'false', 'null'),
    fc
      .tuple(fc.array(tie('value'), { maxLength: 6 }), gap)
      .map(([all, blank]) => `[${blank}${all.join(`${blank},${blank}`)}]`),
    fc
      .tuple(fc.array(fc.tuple(names, tie('value')), { maxLength: 6 }), gap)
      .map(
        ([all, blank]) =>
          `{${all.map(([name, value]) => `${JSON.stringify(name)}${blank}:${blank}${value}`).join(`,${blank}`)}}`,
      ),
  ),
})).value

// What came out, or the kind of error: own members in their order, __proto__ too.
function outcome(parse: (text: string) => unknown, text: string): unknown {
  try {
    return shape(parse(text))
  } catch (error) {
    return (error as Error).name
  }
}
function shape(value: unknown): unknown {
  if (typeof value === 'bigint') return `bigint ${value}`
  if (Object.is(value, -0)) return 'minus zero'
  if (Array.isArray(value)) return value.map(shape)
  if (value && typeof value === 'object')
    return {
      proto: Object.getPrototypeOf(value) === Object.prototype,
      members: Object.entries(value).map(([k, v]) => [k, shape(v)]),
    }
  return value
}

describe('both ways of reading', () => {
  test('agree on all JSON', () => {
    expect(parseWithSource('{"price":150.10}')).toEqual({ price: 15_010_000_000n })
    fc.assert(
      fc.property(json, (text) => {
        expect(outcome(parseWithList, text)).toEqual(outcome(parseWithSource, text))
      }),
      { numRuns: 1000 },
    )
  })
  test('agree on what is nearly JSON', () => {
    const broken = fc.tuple(
      json,
      fc.nat(),
      fc.constantFrom('', '0', '-', '.', 'e', '"', ',', '1', '+', '\\', '}'),
      fc.nat(2),
    )
    fc.assert(
      fc.property(broken, ([text, at, more, less]) => {
        const cut = at % (text.length + 1)
        const near = text.slice(0, cut) + more + text.slice(cut + less)
        expect(outcome(parseWithList, near)).toEqual(outcome(parseWithSource, near))
      }),
      { numRuns: 1000 },
    )
  })
})

describe.each([
  ['source', parseWithSource],
  ['list', parseWithList],
  ['own choice', parseExact],
])('read by %s', (_name, parse) => {
  test('decimals are exact and whole numbers are numbers', () => {
    expect(parse('{"seq":42,"price":0.1,"list":[150.45,1e-8,-2E+1],"text":"1.5","name 7":{"attempts":3}}')).toEqual({
      seq: 42,
      price: 10_000_000n,
      list: [15_045_000_000n, 1n, -2_000_000_000n],
      text: '1.5',
      'name 7': { attempts: 3 },
    })
  })
  test.each([
    '{"price":0.123456789}',
    '{"price":1e400}',
    '{"price":92233720368.54775808}',
    '{"seq":9007199254740993}',
    '{"seq":1.5}',
    `[${'9'.repeat(5000)}]`,
  ])('%s is refused', (text) => expect(() => parse(text)).toThrow(RangeError))
  test.each(['', '{"a":01}', '{"a":.5}', '{"a":+1}', '[1,]', '{"a":1 2}', "{'a':1}", '[1.]', '[-]', '[1e]', '[1'])(
    '%s is no JSON',
    (text) => expect(() => parse(text)).toThrow(SyntaxError),
  )
  test('the largest that OXE holds passes', () => {
    expect(parse('[92233720368.54775807]')).toEqual([2n ** 63n - 1n])
    expect(parse('{"log_seq":9007199254740991}')).toEqual({ log_seq: 9007199254740991 })
  })
  test('a name such as __proto__ is a member and nothing else', () => {
    const value = parse('{"__proto__":{"price":1}}') as object
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(({} as { price?: unknown }).price).toBeUndefined()
  })
  test('nesting without end is an error, not a crash', () => {
    expect(() => parse('['.repeat(200_000) + ']'.repeat(200_000))).toThrow()
  })
})

test('decimals go out as strings and come back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }), (value) => {
      const text = (JSON.parse(toJson({ value })) as { value: string }).value
      expect(parseExact(`[${text}]`)).toEqual([value])
    }),
  )
})
