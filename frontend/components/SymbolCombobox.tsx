// SPDX-License-Identifier: Apache-2.0
'use client'
// A choice of one instrument by symbol or name: the ARIA pattern of an editable combobox with a list.
import { type ReactNode, type Ref, useId, useImperativeHandle, useMemo, useRef, useState } from 'react'
import { places } from '@/lib/decimal'
import { figure } from '@/lib/format'
import { matching } from '@/lib/matching'
import type { Instrument } from '@/lib/types'
import { Icon } from './Icon'

const price = (instrument: Instrument): string =>
  instrument.last_price === null ? '–' : figure(instrument.last_price, places(instrument.tick_size))

export function SymbolCombobox({
  label,
  instruments,
  value,
  onChange,
  locked = false,
  bare = false,
  state,
  messages,
  messagesId,
  ref,
}: {
  label: string
  instruments: readonly Instrument[]
  value: string | null
  onChange(symbol: string): void
  locked?: boolean
  bare?: boolean // the symbol as a heading, without a box and a visible label
  state?: 'bad' | 'caution' | null
  messages?: ReactNode
  messagesId?: string
  ref?: Ref<{ open(): void; focus(): void }>
}) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [query, setQuery] = useState<string | null>(null) // null: closed
  const [active, setActive] = useState(0)
  const open = query !== null
  const found = useMemo(() => (query === null ? [] : matching(instruments, query)), [instruments, query])
  const chosen = instruments.find((instrument) => instrument.symbol === value) ?? null

  function show(text = '') {
    if (locked || open) return
    setQuery(text)
    const at = matching(instruments, text).findIndex((instrument) => instrument.symbol === value)
    setActive(Math.max(0, at))
  }
  function close() {
    setQuery(null)
  }
  function choose(instrument: Instrument | undefined) {
    if (!instrument?.tradable) return
    close()
    onChange(instrument.symbol)
  }
  useImperativeHandle(ref, () => ({
    open: () => {
      input.current?.focus()
      show()
    },
    focus: () => input.current?.focus(),
  }))

  function press(event: React.KeyboardEvent) {
    const last = found.length - 1
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        event.preventDefault()
        if (!open) show()
        else if (event.key === 'ArrowDown') setActive((at) => (at >= last ? 0 : at + 1))
        else setActive((at) => (at <= 0 ? last : at - 1))
        return
      }
      case 'Home':
      case 'End':
        if (!open) return
        event.preventDefault()
        setActive(event.key === 'Home' ? 0 : last)
        return
      case 'Enter':
        if (!open) return
        event.preventDefault()
        event.stopPropagation()
        choose(found[active])
        return
      case 'Escape':
        if (!open) return
        event.preventDefault()
        event.stopPropagation()
        event.nativeEvent.stopImmediatePropagation()
        close()
        return
      case 'Tab':
        if (open && query !== '') choose(found[active])
        close()
    }
  }

  const described = [open ? '' : `${id}-chosen`, messagesId ?? ''].join(' ').trim()
  return (
    <div className={`fld combo${bare ? ' bare' : ''}`}>
      <div className={bare ? 'vh' : 'h'}>
        <label htmlFor={id}>{label}</label>
      </div>
      <div className={`in ${state ?? ''}`}>
        <input
          ref={input}
          id={id}
          className="val"
          role="combobox"
          aria-expanded={open}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={open && found.length > 0 ? `${id}-${active}` : undefined}
          aria-invalid={state === 'bad' || undefined}
          aria-describedby={described || undefined}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={40}
          readOnly={locked}
          value={query ?? value ?? ''}
          placeholder={open ? (value ?? undefined) : undefined}
          onChange={(event) => {
            // Typed over the chosen symbol: what is new is the query.
            const text = event.target.value
            setQuery(query === null && value !== null && text.startsWith(value) ? text.slice(value.length) : text)
            setActive(0)
          }}
          onFocus={(event) => event.target.select()}
          onClick={() => show()}
          onBlur={close}
          onKeyDown={press}
        />
        {!open && chosen && (
          <span className="nm ell" id={`${id}-chosen`}>
            <span className="t3 ell">{chosen.name}</span>
            <span className="unit num">{price(chosen)}</span>
          </span>
        )}
        <span className="stp bare" aria-hidden="true">
          <Icon name="down" size="s" />
        </span>
      </div>
      <div className="pop" id={`${id}-list`} role="listbox" aria-label="Matching instruments" hidden={!open}>
        {found.map((instrument, at) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the keys, an option never has the focus
          <div
            key={instrument.symbol}
            id={`${id}-${at}`}
            role="option"
            tabIndex={-1}
            aria-selected={at === active}
            aria-disabled={!instrument.tradable || undefined}
            ref={(item) => {
              if (at === active && open) item?.scrollIntoView({ block: 'nearest' })
            }}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(instrument)}
          >
            <b>{instrument.symbol}</b>
            <span className="n ell">{instrument.name}</span>
            <span className="num">{instrument.tradable ? price(instrument) : 'not tradable'}</span>
          </div>
        ))}
        {open && found.length === 0 && (
          <div role="option" tabIndex={-1} aria-selected="false" aria-disabled="true">
            <span className="n">No instrument matches.</span>
          </div>
        )}
      </div>
      {messages}
    </div>
  )
}
