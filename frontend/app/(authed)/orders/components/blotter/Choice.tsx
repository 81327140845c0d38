// SPDX-License-Identifier: Apache-2.0
'use client'
// A native select that looks like the buttons and fields around it: the phone shows its own wheel, keys work as everywhere.
import type { ReactNode } from 'react'
import { Icon } from '@/components/Icon'

export function Choice<T extends string>({
  label,
  hidden,
  value,
  options,
  onChange,
  children,
  first,
}: {
  label: string
  hidden?: boolean // the label is for screen readers only
  value: T
  options: readonly { value: T; text: string }[]
  onChange(value: T): void
  children?: ReactNode
  first?: boolean // where the key F goes
}) {
  const field = (
    <span className={hidden ? 'fbtn choice' : 'inp choice'}>
      {children}
      <select
        aria-label={hidden ? label : undefined}
        data-filter={first ? '' : undefined}
        value={value}
        onChange={(event) => onChange(event.target.value as T)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
      <Icon name="down" size="s" />
    </span>
  )
  return hidden ? (
    field
  ) : (
    // biome-ignore lint/a11y/noLabelWithoutControl: the select is inside
    <label>
      {label}
      {field}
    </label>
  )
}
