// SPDX-License-Identifier: Apache-2.0
// A running suite of its own for the tests of one worker, and how to act on it: as operations, as its exchange, and as whatever
// kills processes. Started and wiped by tests/e2e/with-instance.sh, however the tests end.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '../../../..')
const run = promisify(execFile)

// The gateway's development sign-in knows 64 people at most: the four of the demo, and a trader for each test.
const PEOPLE_MAX = 60
const START_MS = 180_000
const demo = ['alice:trader', 'bob:trader', 'carol:compliance', 'olga:operations']
const pool = Array.from({ length: PEOPLE_MAX }, (_, index) => `t${index + 1}`)

// The sign-in knows them and OXE does not.
export const NOBODY = pool.pop() ?? ''

export interface Account {
  cash?: string
  // Other limits than the defaults, as oxectl has them: { daily_loss: '5000' }.
  limits?: Record<string, string>
  // What it holds from the start, by symbol.
  positions?: Record<string, number>
}

export interface Recorded {
  id: string
  status: string
  state: string
  key: string
  type: string
}

export class Suite {
  private traders = 0
  private failed = false

  private constructor(
    private readonly process: ChildProcess,
    readonly url: string,
    private readonly home: string,
    private readonly build: string,
  ) {}

  // people: who the sign-in offers. Everybody of the pool, or the demo's four, as a person sees it.
  static async start(people: 'everybody' | 'demo' = 'everybody'): Promise<Suite> {
    const listed = people === 'demo' ? demo : [...demo, ...[...pool, NOBODY].map((name) => `${name}:trader`)]
    const child = spawn('sh', [`${root}/tests/e2e/with-instance.sh`, 'sh', `${import.meta.dirname}/hold.sh`], {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      env: { ...process.env, OXE_TEST_SCREEN: 'yes', OXE_DEVELOPMENT_PEOPLE: listed.join(',') },
    })
    const told = await new Promise<string>((done, fail) => {
      let text = ''
      const timer = setTimeout(() => fail(new Error(`no instance within ${START_MS} ms`)), START_MS)
      child.stdout?.on('data', (bytes) => {
        text += bytes
        if (!text.endsWith('ready\n')) return
        clearTimeout(timer)
        done(text)
      })
      child.once('exit', () => fail(new Error(`the instance did not start: ${text}`)))
    })
    const value = (name: string) => told.match(new RegExp(`^${name}=(.*)$`, 'm'))?.[1] ?? ''
    return new Suite(child, value('OXE_URL'), value('OXE_HOME'), value('OXE_BUILD'))
  }

  // The instance's logs are kept when a test failed.
  keepLogs(): void {
    this.failed = true
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.process.once('exit', done))
    const hold = this.process.stdio[3]
    if (hold && 'end' in hold) hold.end(this.failed ? '1\n' : '0\n')
    await ended
  }

  // ./oxe COMMAND …: its standard output.
  oxe(...command: string[]): Promise<string> {
    return this.front(command, {})
  }

  private async front(command: string[], more: Record<string, string>): Promise<string> {
    const { stdout } = await run(`${root}/oxe`, command, {
      env: { ...process.env, OXE_HOME: this.home, OXE_BUILD: this.build, OXE_HTTP_PORT: undefined, ...more },
    })
    return stdout.trimEnd()
  }

  // oxectl, as alice, olga or carol, as the command needs.
  ctl(...command: string[]): Promise<string> {
    return this.oxe('ctl', ...command)
  }

  // oxectl as a trader of the tests, for whom trades with them.
  async as(subject: string, ...command: string[]): Promise<string> {
    return this.front(['ctl', ...command], { OXE_TOKEN: await this.oxe('token', subject) })
  }

  // Rows in lines, columns separated by '|'.
  sql(statement: string): Promise<string> {
    return this.oxe('psql', '-XqAtc', statement)
  }

  async price(symbol: string, price: string): Promise<void> {
    await this.ctl('sim', 'price', symbol, price)
  }

  // Its end is given back: call it in a finally, or halt a trader of your own.
  async halt(reason: string, ...scope: ['ALL'] | ['SYMBOL' | 'TRADER', string]): Promise<() => Promise<void>> {
    const id = await this.ctl('halt', '--reason', reason, ...scope)
    return async () => void (await this.ctl('resume', id))
  }

  // The exchange misbehaves from now on (docs/exchange-sim.md); the end is given back.
  async fault(...fault: string[]): Promise<() => Promise<void>> {
    await this.ctl('sim', 'fault', ...fault)
    return async () => void (await this.ctl('sim', 'fault', 'clear'))
  }

  // A trader that no other test has.
  async trader({ cash = '1000000', limits = {}, positions = {} }: Account = {}): Promise<string> {
    const subject = pool[this.traders++]
    if (!subject)
      throw new Error(
        `an instance has ${pool.length} traders: give further tests a project of their own in playwright.config.ts`,
      )
    const pairs = Object.entries(limits).map(([name, value]) => `${name}=${value}`)
    await this.ctl('trader', 'create', subject, '--cash', cash, ...pairs)
    for (const [symbol, quantity] of Object.entries(positions))
      await this.sql(
        `INSERT INTO oxe.positions (trader_id, symbol, quantity, opening_quantity, cost)
         SELECT t.id, '${symbol}', ${quantity}, ${quantity}, ${quantity} * p.price FROM oxe.traders t, oxe.last_prices p
         WHERE t.subject = '${subject}' AND p.symbol = '${symbol}'`,
      )
    return subject
  }

  // The orders of a trader, oldest first, as the database has them.
  async orders(subject: string): Promise<Recorded[]> {
    const rows = await this.sql(
      `SELECT o.id, o.status, o.execution_state, o.idempotent_key, o.order_type FROM oxe.orders o JOIN oxe.traders t ON t.id = o.trader_id
       WHERE t.subject = '${subject}' ORDER BY o.created_at`,
    )
    return rows
      .split('\n')
      .filter(Boolean)
      .map((row) => row.split('|'))
      .map(([id = '', status = '', state = '', key = '', type = '']) => ({ id, status, state, key, type }))
  }

  pid(service: string): number {
    return Number(readFileSync(`${this.home}/service/${service}/supervise/pid`, 'utf8'))
  }

  signal(service: string, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM' | 'SIGHUP'): void {
    process.kill(this.pid(service), signal)
  }

  // Its supervisor starts it again within a second or two; waits for that.
  async kill(service: string): Promise<void> {
    this.signal(service, 'SIGKILL')
    await this.ready(service)
  }

  // Stays down until up: for a screen that is without its gateway for longer than a restart takes.
  async down(service: string): Promise<() => Promise<void>> {
    await this.supervise('down', service)
    return async () => {
      await this.supervise('up', service)
      await this.ready(service)
    }
  }

  async ready(service: string): Promise<void> {
    await until(`${service} is ready`, async () => {
      const all: { name: string; ready: boolean }[] = JSON.parse(await this.oxe('status', '--json').catch(() => '[]')) // fails while another is not ready
      return all.some(({ name, ready }) => name === service && ready)
    })
  }

  // The answer to one order is lost after its commit: the risk-manager waits until the gateway has handed the order on, the gateway
  // stands still while the risk-manager commits, and is killed before it could answer.
  async withoutAnswer(subject: string, submit: () => Promise<void>): Promise<void> {
    const before = (await this.orders(subject)).length
    this.signal('risk-manager', 'SIGSTOP')
    try {
      await submit()
      await until('the gateway waits for an answer', async () => (await this.metric('gateway', 'oxe_http_parked')) > 0)
      this.signal('gateway', 'SIGSTOP')
    } finally {
      this.signal('risk-manager', 'SIGCONT')
    }
    await until('the order is committed', async () => (await this.orders(subject)).length > before)
    await this.kill('gateway')
  }

  // Audit-writer records and cannot sign until the end that is given back.
  async withoutAuditKey(): Promise<() => Promise<void>> {
    const key = `${this.home}/keys/audit.key`
    const writers = ['audit-writer-0', 'audit-writer-1']
    renameSync(key, `${key}.away`)
    for (const writer of writers) this.signal(writer, 'SIGHUP')
    return async () => {
      renameSync(`${key}.away`, key)
      for (const writer of writers) await this.ready(writer)
    }
  }

  // Another key than the log's in the policy that the gateway publishes, until the end that is given back.
  async otherAuditPolicy(): Promise<() => Promise<void>> {
    const policy = `${this.home}/keys/audit.policy`
    const before = readFileSync(policy, 'utf8')
    const origin = before.match(/^log ([^+]+)/)?.[1] ?? ''
    const verifier = await this.ctl('audit', 'keygen', `${this.home}/keys/other-${Date.now()}.key`, origin)
    writeFileSync(policy, before.replace(/^log \S+/, `log ${verifier}`))
    return async () => writeFileSync(policy, before)
  }

  private async supervise(what: 'up' | 'down', service: string): Promise<void> {
    await run('sv', ['-w', '20', what, `${this.home}/service/${service}`])
  }

  private async metric(service: string, name: string): Promise<number> {
    const probes = readFileSync(`${this.home}/probes`, 'utf8')
    const address = probes.match(new RegExp(`^${service}=(.*)$`, 'm'))?.[1]
    const text = await (await fetch(`http://${address}/metrics`)).text()
    return Number(text.match(new RegExp(`^${name}(?:{[^}]*})? (.*)$`, 'm'))?.[1] ?? Number.NaN)
  }
}

export async function until(what: string, holds: () => Promise<boolean>, ms = 20_000): Promise<void> {
  const end = Date.now() + ms
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`)
    await sleep(50)
  }
}
