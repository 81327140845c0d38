// SPDX-License-Identifier: Apache-2.0
// What the order would cost or bring, and what would be left.
import { figure, money, NONE } from '@/lib/format'
import type { Ticket } from './useTicket'

export function Estimate({ ticket }: { ticket: Ticket }) {
  const { estimate } = ticket
  const bad = estimate.refused ? 'err' : ''
  return (
    <dl className="est">
      <div>
        <dt>{estimate.title}</dt>
        <dd className="num b">
          {estimate.amount === null ? (
            NONE
          ) : (
            <>
              <span className={bad}>
                {estimate.reckoned && '≈ '}
                {money(estimate.amount)}
              </span>
              <span className="v2">{estimate.basis}</span>
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>Buying power after</dt>
        <dd className="num b">
          <span className={bad}>{estimate.powerAfter === null ? NONE : money(estimate.powerAfter)}</span>
          {estimate.title === 'Estimated proceeds' && estimate.powerAfter !== null && (
            <span className="v2">nothing reserved</span>
          )}
        </dd>
      </div>
      <div>
        <dt>Position after</dt>
        <dd className="num b">
          {estimate.positionAfter === null ? (
            NONE
          ) : (
            <>
              {figure(estimate.positionAfter)}
              <span className="v2">from {figure(estimate.held)}</span>
            </>
          )}
        </dd>
      </div>
    </dl>
  )
}
