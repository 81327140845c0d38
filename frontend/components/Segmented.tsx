// SPDX-License-Identifier: Apache-2.0
'use client'
// One of a few, all in sight: a radio group that looks like a row of buttons. Arrows choose, Tab leaves.
import * as RadioGroup from '@radix-ui/react-radio-group'
import type { ReactNode } from 'react'

export function Segmented<T extends string>({
  label,
  options,
  value,
  onChange,
  locked = false,
  describedBy,
}: {
  label: string
  options: readonly { value: T; label: ReactNode }[]
  value: T
  onChange(value: NoInfer<T>): void
  locked?: boolean
  describedBy?: string
}) {
  return (
    <RadioGroup.Root
      className="segf"
      aria-label={label}
      aria-describedby={describedBy}
      orientation="horizontal"
      value={value}
      disabled={locked}
      onValueChange={(next) => onChange(next as NoInfer<T>)}
    >
      {options.map((option) => (
        <RadioGroup.Item key={option.value} value={option.value}>
          {option.label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  )
}
