// SPDX-License-Identifier: Apache-2.0
// The readiness of every process as it says itself, and of the gateway that serves this page.
import type { ServiceHealth } from '@/lib/types'
import type { Readiness } from './useOperations'

type Health = 'ok' | 'degraded' | 'failing' | 'unreachable' | 'standby'

export function HealthGlyph({ health }: { health: Health }) {
  switch (health) {
    case 'ok':
      return (
        <svg className="hs up" viewBox="0 0 8 8" aria-hidden="true">
          <circle cx="4" cy="4" r="3.6" fill="currentColor" />
        </svg>
      )
    case 'standby':
      return (
        <svg className="hs t3" viewBox="0 0 8 8" aria-hidden="true">
          <circle cx="4" cy="4" r="3" fill="none" stroke="currentColor" strokeWidth="1.6" />
        </svg>
      )
    case 'degraded':
      return (
        <svg className="hs warn" viewBox="0 0 8 8" aria-hidden="true">
          <path d="M4 .5 7.7 7.4H.3Z" fill="currentColor" />
        </svg>
      )
    default:
      return (
        <svg className="hs err" viewBox="0 0 8 8" aria-hidden="true">
          <path d="M1 1l6 6M7 1 1 7" stroke="currentColor" strokeWidth="1.8" />
        </svg>
      )
  }
}

const tone = (status: string) => (status === 'ok' ? '' : status === 'degraded' ? 'warn b' : 'err b')

// The standby of a pair says so in a detail of its own.
const isStandby = (service: ServiceHealth) => Object.values(service.checks).some((check) => check.detail === 'standby')

function line(service: ServiceHealth): { text: string; status: string } {
  const checks = Object.entries(service.checks)
  const bad =
    checks.find(([, check]) => check.status === 'failing') ?? checks.find(([, check]) => check.status !== 'ok')
  if (bad) return { text: `${bad[0]}: ${bad[1].detail ?? bad[1].status}`, status: bad[1].status }
  const details = checks
    .map(([, check]) => check.detail)
    .filter((detail) => detail && detail !== 'standby' && detail !== 'active')
  return { text: details[0] ?? checks.map(([name]) => name).join(', '), status: 'ok' }
}

function state(service: ServiceHealth): string {
  const checks = Object.values(service.checks)
  const well = checks.filter((check) => check.status === 'ok').length
  if (service.status === 'unreachable') return 'gives no answer'
  if (isStandby(service)) return `${service.status}, standby`
  if (checks.some((check) => check.detail === 'active')) return `${service.status}, active`
  return `${service.status}, ${well} of ${checks.length} checks`
}

export function ServiceGrid({ services }: { services: ServiceHealth[] | null }) {
  return (
    <ul className="svc" aria-label="Services">
      {services?.map((service) => {
        const last = line(service)
        return (
          <li
            key={service.name}
            data-status={service.status}
            title={`${service.address}, version ${service.version ?? 'unknown'}`}
          >
            <span className="nm">
              <HealthGlyph health={service.status === 'ok' && isStandby(service) ? 'standby' : service.status} />
              {service.name}
            </span>
            <span className={tone(service.status)}>{state(service)}</span>
            <span className={`num ell ${tone(last.status)}`} title={last.text}>
              {last.text}
            </span>
          </li>
        )
      })}
    </ul>
  )
}

export function ThisGateway({ readiness }: { readiness: Readiness | null }) {
  return (
    <ul className="form checks" aria-label="This gateway">
      {Object.entries(readiness?.checks ?? {}).map(([name, check]) => (
        <li key={name} data-status={check.status}>
          <span className="row">
            <HealthGlyph health={check.status} />
            <span className="mono">{name}</span>
          </span>
          <span className={tone(check.status) || 't2'}>{check.detail ?? check.status}</span>
        </li>
      ))}
    </ul>
  )
}
