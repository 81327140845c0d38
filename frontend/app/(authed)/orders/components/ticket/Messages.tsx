// SPDX-License-Identifier: Apache-2.0
// What is wrong with a field, in the backend's words, with the limit, the value, and the link that mends it.
import { Icon } from '@/components/Icon'
import type { Draft } from '@/lib/draft'
import type { Fault } from '@/lib/types'
import { type Fix, limitOf } from './faults'

export function Messages({
  id,
  faults,
  cautions,
  fixes = [],
  onFix,
}: {
  id: string
  faults: readonly Fault[]
  cautions: readonly Fault[]
  fixes?: readonly Fix[]
  onFix(change: Partial<Draft>): void
}) {
  if (faults.length === 0 && cautions.length === 0) return null
  return (
    <div className="msgs" id={id}>
      {faults.map((fault, at) => (
        <Message
          key={fault.code + fault.message}
          fault={fault}
          fixes={at === faults.length - 1 ? fixes : []}
          onFix={onFix}
        />
      ))}
      {cautions.map((fault, at) => (
        <div className="msg w" key={fault.code + fault.message}>
          <Icon name="warning" />
          <div>
            {at === 0 && 'Would be refused now. '}
            {fault.message}
          </div>
        </div>
      ))}
    </div>
  )
}

function Message({
  fault,
  fixes,
  onFix,
}: {
  fault: Fault
  fixes: readonly Fix[]
  onFix(change: Partial<Draft>): void
}) {
  const figures = limitOf(fault)
  return (
    <div className="msg">
      <Icon name="error" />
      <div>
        {fault.message}
        {(figures || fixes.length > 0) && (
          <div className="lim2 num">
            {figures && (
              <>
                <span>
                  limit <b className="t1 b">{figures.limit}</b>
                </span>
                <span>
                  yours <b className="t1 b">{figures.yours}</b>
                </span>
              </>
            )}
            {fixes.map((fix, at) => (
              <button
                key={fix.label}
                type="button"
                className={`link${figures && at === 0 ? ' far' : ''}`}
                onClick={() => onFix(fix.change)}
              >
                {fix.label}
              </button>
            ))}
          </div>
        )}
      </div>
    </div>
  )
}
