// SPDX-License-Identifier: Apache-2.0
// A request that failed, in words. A refusal says that nothing was done; no answer says nothing, and the page must not pretend to know.
import { NoAnswer, Refusal } from '@/lib/api'

export function failureText(error: unknown, unknown: string): string {
  if (error instanceof Refusal) {
    const faults = error.problem.errors?.map((fault) => fault.message) ?? []
    return [error.problem.detail, ...faults.filter((text) => text !== error.problem.detail)].join(' ')
  }
  return error instanceof NoAnswer ? `No answer in time. ${unknown}` : String(error)
}
