// SPDX-License-Identifier: Apache-2.0
'use client'
// A field for an exact number, as plain text: no float, no spinner of the browser, no change by the wheel.
import { type ReactNode, type Ref, useId } from 'react'
import { Icon } from './Icon'

export interface Steps {
  less: string // the buttons' names: 'One lot less'
  more: string
  by(direction: 1 | -1, count: bigint): void
}

export function NumberField({
  label,
  value,
  onChange,
  onLeave,
  hint,
  steps,
  buttons = false,
  state,
  locked = false,
  placeholder,
  below,
  messages,
  messagesId,
  ref,
}: {
  label: string
  value: string
  onChange(text: string): void
  onLeave?(): void
  hint?: ReactNode
  steps?: Steps
  buttons?: boolean
  state?: 'bad' | 'caution' | null
  locked?: boolean
  placeholder?: string
  below?: ReactNode
  messages?: ReactNode
  messagesId?: string // of what `messages` holds, when it holds something
  ref?: Ref<HTMLInputElement>
}) {
  const id = useId()
  const described = [hint ? `${id}-hint` : '', messagesId ?? ''].join(' ').trim()
  return (
    <div className="fld">
      <div className="h">
        <label htmlFor={id}>{label}</label>
        {hint && (
          <span className="hint num" id={`${id}-hint`}>
            {hint}
          </span>
        )}
      </div>
      <div className={`in ${state ?? ''}`}>
        <input
          ref={ref}
          id={id}
          className="val num"
          inputMode="decimal"
          autoComplete="off"
          spellCheck={false}
          enterKeyHint="go"
          maxLength={40}
          value={value}
          placeholder={placeholder}
          readOnly={locked}
          aria-invalid={state === 'bad' || undefined}
          aria-describedby={described || undefined}
          onChange={(event) => onChange(event.target.value)}
          onBlur={() => onLeave && setTimeout(onLeave)} // once the focus has arrived: see Age.tsx
          onKeyDown={(event) => {
            if (!steps || locked || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
            event.preventDefault()
            steps.by(event.key === 'ArrowUp' ? 1 : -1, event.shiftKey ? 10n : 1n)
          }}
        />
        {buttons && steps && (
          <>
            <StepButton icon="minus" name={steps.less} locked={locked} run={() => steps.by(-1, 1n)} />
            <StepButton icon="plus" name={steps.more} locked={locked} run={() => steps.by(1, 1n)} />
          </>
        )}
      </div>
      {below}
      {messages}
    </div>
  )
}

// Out of the order of Tab: the arrow keys do the same from within the field.
function StepButton(props: { icon: 'minus' | 'plus'; name: string; locked: boolean; run(): void }) {
  return (
    <button
      type="button"
      className="stp"
      tabIndex={-1}
      aria-label={props.name}
      disabled={props.locked}
      onPointerDown={(event) => event.preventDefault()} // the focus stays in the field
      onClick={props.run}
    >
      <Icon name={props.icon} size="s" />
    </button>
  )
}
