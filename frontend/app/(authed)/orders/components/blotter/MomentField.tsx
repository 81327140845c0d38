// SPDX-License-Identifier: Apache-2.0
'use client'
// A day or minute, typed or chosen from the browser's calendar.
import { useId, useRef } from 'react'
import { Icon } from '@/components/Icon'
import { momentOf } from './moments'

export function MomentField({
  label,
  hint,
  value,
  utc,
  onChange,
}: {
  label: string
  hint: string // what none means
  value: string
  utc: boolean
  onChange(value: string): void
}) {
  const id = useId()
  const calendar = useRef<HTMLInputElement>(null)
  const wrong = momentOf(value, utc) === undefined
  return (
    <div className="moment">
      <label htmlFor={id}>{label}</label>
      <span className="inp num">
        <button type="button" aria-label={`${label}: open the calendar`} onClick={() => calendar.current?.showPicker()}>
          <Icon name="calendar" size="s" />
        </button>
        <input
          ref={calendar}
          className="cal"
          type="datetime-local"
          tabIndex={-1}
          aria-hidden="true"
          value={wrong ? '' : pickerText(value)}
          onChange={(event) => onChange(event.target.value.replace('T', ' '))}
        />
        <input
          id={id}
          type="text"
          inputMode="numeric"
          autoComplete="off"
          placeholder={hint}
          value={value}
          aria-invalid={wrong || undefined}
          aria-describedby={wrong ? `${id}-e` : undefined}
          onChange={(event) => onChange(event.target.value)}
        />
      </span>
      {wrong && (
        <span className="err" id={`${id}-e`}>
          Write 2026-11-24 or 2026-11-24 09:30
        </span>
      )}
    </div>
  )
}

const pickerText = (value: string): string => {
  const [day = '', minute = '00:00'] = value.trim().split(/[ T]/)
  return day && `${day}T${minute.slice(0, 5)}`
}
