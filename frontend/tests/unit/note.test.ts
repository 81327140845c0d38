// SPDX-License-Identifier: Apache-2.0
// Notes and policies against the page's own example, a witness' example of C2SP, and keys made here; each spoiled in every way it can be.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { believe, parseCheckpoint, parseNote, parsePolicy, parseVerifierKey } from '@/lib/note'
import { line, type Signer, signer } from './support/notes'

const page = readFileSync(new URL('../../../docs/audit.md', import.meta.url), 'utf8')
const example = /```\n(oxe\.example\.com\/log\n[^`]*)```/.exec(page)?.[1] ?? ''
// golang.org/x/mod/sumdb/note
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'

const log = await signer('oxe.test/log', 1)
const [a, b, c] = (await Promise.all(['a', 'b', 'c'].map((name) => signer(`witness.test/${name}`, 4)))) as [
  Signer,
  Signer,
  Signer,
]
const text = `oxe.test/log\n1234\n${Buffer.alloc(32, 7).toString('base64')}\n`
const two = `log ${log.verifier}
witness a ${a.verifier} http://127.0.0.1:1/
  witness b\t${b.verifier}
# three of them, two are enough

witness c ${c.verifier}
group w 2 a b c
quorum w
`
const policy = async (written: string) => (await parsePolicy(written)) ?? expect.fail('no policy')
const signed = (...lines: string[]) => `${text}\n${lines.join('')}`

describe('verifier keys', () => {
  it('reads one of another implementation', async () => {
    expect(await parseVerifierKey(PETER)).toMatchObject({ name: 'PeterNeumann', kind: 'log', id: 'c74f20a3' })
  })
  it.each([
    ['another name', PETER.replace('Peter', 'Paula')],
    ['another id', PETER.replace('c74f20a3', 'c74f20a4')],
    ['another key', PETER.replace('RDE4', 'RDE5').replace('1NW', '1NX').replace('LDE4', 'LDE5')],
    ['no key', 'PeterNeumann+c74f20a3+'],
    ['a kind that is not known', PETER.replace('ARpc', 'AhpC')],
    ['spaces', `${PETER} `],
    ['nothing', ''],
  ])('refuses %s', async (_what, written) => {
    expect(await parseVerifierKey(written)).toBeNull()
  })
})

describe('notes and checkpoints', () => {
  it("reads the page's", () => {
    const note = parseNote(example)
    expect(note?.signatures).toHaveLength(1)
    expect(parseCheckpoint(note?.text ?? '')).toMatchObject({ origin: 'oxe.example.com/log', size: 1234n })
  })
  it.each([
    ['no signature', text],
    ['an empty line only', `${text}\n`],
    ['no last line feed', signed(line(log, text)).slice(0, -1)],
    ['a hyphen', signed(line(log, text)).replace('\u2014', '-')],
    ['base64 that is none', signed('\u2014 oxe.test/log ####\n')],
    ['a signature too short to have an id', signed('\u2014 oxe.test/log AAAA\n')],
  ])('is none with %s', (_what, bytes) => {
    expect(parseNote(bytes)).toBeNull()
  })
  it.each([
    'x\n01\nAA==\n',
    'x\n-1\nAA==\n',
    'x\n1\nAA==\n',
    `\n1\n${Buffer.alloc(32).toString('base64')}\n`,
    `x\n1\n${Buffer.alloc(32).toString('base64')}`,
    `x\n12345678901234567890\n${Buffer.alloc(32).toString('base64')}\n`,
  ])('is no checkpoint: %j', (bytes) => {
    expect(parseCheckpoint(bytes)).toBeNull()
  })
})

describe('belief', () => {
  it('takes a checkpoint that the log has signed', async () => {
    const belief = await believe(signed(line(log, text)), await policy(`log ${log.verifier}\nquorum none\n`))
    expect(belief).toMatchObject({ checkpoint: { origin: 'oxe.test/log', size: 1234n } })
  })
  it('takes one that has its quorum, in any order, beside signatures of strangers', async () => {
    const stranger = await signer('stranger', 4)
    const bytes = signed(line(c, text), line(stranger, text), line(log, text), line(a, text))
    expect(await believe(bytes, await policy(two))).toHaveProperty('checkpoint')
  })
  it.each([
    ['one witness of two', () => signed(line(log, text), line(a, text)), 'quorum'],
    ['the same witness twice', () => signed(line(log, text), line(a, text), line(a, text)), 'quorum'],
    ['witnesses of another text', () => signed(line(log, text), line(a, `x${text}`), line(b, `x${text}`)), 'quorum'],
    ['no signature of the log', () => signed(line(a, text), line(b, text)), 'signature'],
    ['another text', () => signed(line(log, `x${text}`), line(a, text), line(b, text)), 'signature'],
    ['another origin', () => signed(line(log, text)).replace('oxe.test/log\n1234', 'oxe.best/log\n1234'), 'signature'],
    ['nonsense', () => 'nonsense', 'malformed'],
  ])('does not take %s', async (_what, make, doubt) => {
    expect(await believe(make(), await policy(two))).toEqual({ doubt })
  })
  it('does not take any bit changed', async () => {
    const known = await policy(`log ${log.verifier}\nquorum none\n`)
    const bytes = Buffer.from(signed(line(log, text)))
    for (let at = 0; at < bytes.length; at++) {
      const spoiled = Buffer.from(bytes)
      spoiled[at] = (spoiled[at] as number) ^ 1
      expect(await believe(spoiled.toString(), known), `byte ${at}`).toHaveProperty('doubt')
    }
  })
  it('does not take a time that was not signed', async () => {
    const bytes = signed(line(log, text), line(a, text))
    const known = await policy(`log ${log.verifier}\nwitness a ${a.verifier}\nquorum a\n`)
    expect(await believe(bytes, known)).toHaveProperty('checkpoint')
    const value = Buffer.from(line(a, text).split(' ')[2] as string, 'base64')
    value[11] = (value[11] as number) ^ 1
    const late = `\u2014 ${a.name} ${value.toString('base64')}\n`
    expect(await believe(signed(line(log, text), late), known)).toEqual({ doubt: 'quorum' })
  })
})

describe('policies', () => {
  it('counts groups of groups', async () => {
    const known = await policy(
      `log ${log.verifier}\nwitness a ${a.verifier}\nwitness b ${b.verifier}\nwitness c ${c.verifier}\n` +
        'group one any a b\ngroup both all one c\nquorum both\n',
    )
    expect(await believe(signed(line(log, text), line(b, text), line(c, text)), known)).toHaveProperty('checkpoint')
    expect(await believe(signed(line(log, text), line(a, text), line(b, text)), known)).toEqual({ doubt: 'quorum' })
  })
  it.each([
    ['no log', 'quorum none\n'],
    ['no quorum', `log ${log.verifier}\n`],
    ['two quorums', `log ${log.verifier}\nquorum none\nquorum none\n`],
    ['a quorum nobody has defined', `log ${log.verifier}\nquorum w\n`],
    ['a witness for a log', `log ${a.verifier}\nquorum none\n`],
    ['a log for a witness', `log ${log.verifier}\nwitness x ${log.verifier}\nquorum x\n`],
    ['the same log twice', `log ${log.verifier}\nlog ${log.verifier}\nquorum none\n`],
    ['the same witness twice', `log ${log.verifier}\nwitness a ${a.verifier}\nwitness b ${a.verifier}\nquorum a\n`],
    ['two of one name', `log ${log.verifier}\nwitness a ${a.verifier}\nwitness a ${b.verifier}\nquorum a\n`],
    ['a witness called none', `log ${log.verifier}\nwitness none ${a.verifier}\nquorum none\n`],
    ['a threshold above its members', `log ${log.verifier}\nwitness a ${a.verifier}\ngroup g 2 a\nquorum g\n`],
    ['a threshold of none', `log ${log.verifier}\nwitness a ${a.verifier}\ngroup g 0 a\nquorum g\n`],
    ['a member twice', `log ${log.verifier}\nwitness a ${a.verifier}\ngroup g 2 a a\nquorum g\n`],
    [
      'a member of two groups',
      `log ${log.verifier}\nwitness a ${a.verifier}\ngroup g any a\ngroup h any a\nquorum g\n`,
    ],
    ['a line of another kind', `log ${log.verifier}\nquorum none\nmonitor x\n`],
    ['a word too many', `log ${log.verifier}\nquorum none at all\n`],
  ])('refuses %s', async (_what, written) => {
    expect(await parsePolicy(written)).toBeNull()
  })
})
