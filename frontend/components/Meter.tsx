// SPDX-License-Identifier: Apache-2.0
// How much of a bound is used up. TEXT says the figures: '1,550.41 of 5,000.00'.
import type { Decimal } from '@/lib/decimal'

// Whole percent, 0 to 100; what is more than nothing shows at least 1.
export function share(value: Decimal, max: Decimal): number {
  if (value <= 0n || max <= 0n) return 0
  if (value >= max) return 100
  const percent = (value * 100n) / max
  return percent === 0n ? 1 : parseInt(percent.toString(), 10)
}

export function Meter(props: {
  value: Decimal
  max: Decimal
  label: string
  text?: string
  kind?: 'dn' | 'wn' | 'er' | 'ac' | 'up'
}) {
  const percent = share(props.value, props.max)
  return (
    <span
      className={`meter ${props.kind ?? ''}`}
      role="meter"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={props.text ?? `${percent} %`}
    >
      <i style={{ width: `${percent}%` }} />
    </span>
  )
}
