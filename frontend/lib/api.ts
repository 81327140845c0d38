// SPDX-License-Identifier: Apache-2.0
// The API: openapi-fetch over the contract's types, exact decimals both ways. An answer that is no success is a Refusal, the lack of
// a readable answer is NoAnswer: the two must never be taken for each other, since only a Refusal says that nothing was done.
import createClient from 'openapi-fetch'
import { create } from 'zustand'
import type { paths } from './generated/api'
import { parseExact, toJson } from './json'
import type { Order, Problem } from './types'

const TIMEOUT_MS = 10_000

export class Refusal extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfterMs: number | null,
  ) {
    super(problem.detail)
  }
}

export class NoAnswer extends Error {}

// There is nobody to make a token for. Other faults of a token source are NoAnswer.
export class NoSession extends Error {}

type TokenSource = (options?: { fresh?: boolean }) => Promise<string>
let tokenSource: TokenSource = () => Promise.reject(new NoSession('nobody is signed in'))

// By the sign-in module, before its first request: an effect would come too late for the first one.
export function setTokenSource(source: TokenSource): void {
  tokenSource = source
}

export const token: TokenSource = (options) => tokenSource(options)

// Set while a session has ended under a person: the dialog asks to sign in again, and requests go on failing until then.
export const useSessionEnd = create<{ ended: null | { requestId: string | null } }>()(() => ({ ended: null }))

export function endSession(requestId: string | null): void {
  if (!useSessionEnd.getState().ended) useSessionEnd.setState({ ended: { requestId } })
}

// What the last answers said about themselves, for the status bar.
export const useAnswers = create<{
  latencyMs: number | null
  ordersLeft: number | null
  ordersPerMinute: number | null
}>()(() => ({
  latencyMs: null,
  ordersLeft: null,
  ordersPerMinute: null,
}))

// Time that the server took, the sum of all stages: 'gateway;dur=0.2, db;dur=1.1'.
export function serverMs(headers: Headers): number | null {
  const stages = [...(headers.get('server-timing') ?? '').matchAll(/dur=(\d+)(?:\.(\d{1,3}))?/g)]
  if (stages.length === 0) return null
  const us = stages.reduce(
    (sum, [, ms = '0', part = '']) => sum + parseInt(ms, 10) * 1000 + parseInt(part.padEnd(3, '0'), 10),
    0,
  )
  return us / 1000
}

function noteLimits(headers: Headers): void {
  const left = /^"orders";r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]
  const limit = /^"orders";q=(\d+)/.exec(headers.get('ratelimit-policy') ?? '')?.[1]
  if (left !== undefined) useAnswers.setState({ ordersLeft: parseInt(left, 10) })
  if (limit !== undefined) useAnswers.setState({ ordersPerMinute: parseInt(limit, 10) })
}

function retryAfterMs(headers: Headers): number | null {
  const seconds = headers.get('retry-after')
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? parseInt(seconds, 10) * 1000 : null
}

// An answer whose body has been read in whole.
interface Answer {
  status: number
  headers: Headers
  text: string
}

async function once(request: Request, body: string | undefined, bearer: string): Promise<Answer> {
  const headers = new Headers(request.headers)
  headers.set('authorization', `Bearer ${bearer}`)
  const began = performance.now()
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers,
      body,
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      cache: 'no-store',
    })
    // Read here, so that the time limit covers the body, and a body that breaks off is no answer.
    const text = await response.text()
    if (request.method === 'GET') useAnswers.setState({ latencyMs: Math.round(performance.now() - began) })
    noteLimits(response.headers)
    return { status: response.status, headers: response.headers, text }
  } catch (error) {
    throw new NoAnswer(error instanceof Error ? error.message : 'no answer')
  }
}

function refusal({ status, headers, text }: Answer): Refusal | NoAnswer {
  try {
    const problem = parseExact(text) as Problem
    if (typeof problem.code === 'string') return new Refusal(problem, retryAfterMs(headers))
  } catch {}
  return new NoAnswer(`${status} without a problem document`)
}

// One request with a token; after a 401 once more with a new one. The body has been read in whole. With a subject it goes in the name of
// nobody else, also where another person has signed in a moment ago.
async function authorized(request: Request, subject?: string): Promise<Answer> {
  const body = request.method === 'GET' ? undefined : (await request.text()) || undefined
  const bearer = async (refused: Answer | null): Promise<string> => {
    const jwt = await tokenFor(refused, refused !== null)
    if (subject !== undefined && claimsOf(jwt)?.sub !== subject) throw signedOut()
    return jwt
  }
  let answer = await once(request, body, await bearer(null))
  if (answer.status !== 401) return answer
  answer = await once(request, body, await bearer(answer))
  if (answer.status === 401) throw sessionOver(answer)
  return answer
}

async function tokenFor(refused: Answer | null, fresh: boolean): Promise<string> {
  try {
    return await token({ fresh })
  } catch (error) {
    if (error instanceof NoSession) throw sessionOver(refused)
    throw new NoAnswer(error instanceof Error ? error.message : 'no token')
  }
}

function sessionOver(answer: Answer | null): Refusal | NoAnswer {
  const error = answer ? refusal(answer) : null
  endSession(error instanceof Refusal ? error.problem.request_id : null)
  if (error instanceof Refusal) return error
  return signedOut()
}

function signedOut(): Refusal {
  const detail = 'Your session has ended. Sign in again to go on.'
  return new Refusal(
    {
      type: '/problems/unauthenticated',
      title: 'Not signed in',
      status: 401,
      code: 'UNAUTHENTICATED',
      detail,
      request_id: '',
    },
    null,
  )
}

// Read, not judged: judging is the server's.
export function claimsOf(jwt: string): { sub?: string; iat?: number; exp?: number; oxe_role?: string } | null {
  try {
    const text = atob((jwt.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0))))
  } catch {
    return null
  }
}

const isOk = ({ status }: Answer): boolean => status >= 200 && status < 300

async function exactFetch(request: Request): Promise<Response> {
  const answer = await authorized(request)
  if (!isOk(answer)) throw refusal(answer)
  const response = new Response(answer.status === 204 ? null : answer.text, answer)
  // openapi-fetch would read numbers as floats.
  response.json = async () => parseExact(answer.text)
  if (!response.headers.get('content-length')) response.headers.set('content-length', String(answer.text.length))
  return response
}

export const api = createClient<paths>({ fetch: exactFetch, bodySerializer: toJson })

// An order by its exact text, in this person's name only.
export async function postOrder(
  text: string,
  key: string,
  subject: string,
): Promise<{ order: Order; serverMs: number | null }> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key }
  const answer = await authorized(new Request('/api/v1/orders', { method: 'POST', headers, body: text }), subject)
  if (!isOk(answer)) throw refusal(answer)
  return { order: parseExact(answer.text) as Order, serverMs: serverMs(answer.headers) }
}

// The data of an answer; rejects with Refusal or NoAnswer.
export async function read<T>(answer: Promise<{ data?: T }>): Promise<T> {
  try {
    return (await answer).data as T
  } catch (error) {
    if (error instanceof Refusal || error instanceof NoAnswer) throw error
    throw new NoAnswer(error instanceof Error ? error.message : 'unreadable answer')
  }
}

export const problemOf = (error: unknown): Problem | null => (error instanceof Refusal ? error.problem : null)
