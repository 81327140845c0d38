// SPDX-License-Identifier: Apache-2.0
'use client'
// The column of instruments: a list that chooses the one of head, chart and ticket; below it the limits and what happened lately.
import { useId, useState } from 'react'
import { Figure } from '@/components/Figure'
import { Icon } from '@/components/Icon'
import { Skeleton } from '@/components/Skeleton'
import { arrow, changeOf, priceText, quantityText } from '@/lib/change'
import { decimalText } from '@/lib/decimal'
import { useDraft } from '@/lib/draft'
import { usePositions } from '@/lib/hooks/useAccount'
import { useInstruments } from '@/lib/hooks/useInstruments'
import type { Decimal, Instrument } from '@/lib/types'
import { useView } from '@/lib/view'
import { Activity } from './Activity'
import { Limits } from './Limits'

export function Instruments() {
  const { instruments, loading } = useInstruments()
  const { positions } = usePositions()
  const { symbol, set } = useView()
  const [filter, setFilter] = useState('')
  const list = useId()

  const shown = instruments.filter((instrument) => matches(instrument, filter))
  const choosable = shown.filter((instrument) => instrument.tradable)
  const held = new Map(positions.map((position) => [position.symbol, position.quantity]))
  const option = (of: string) => `${list}-${of}`

  function move(by: number): void {
    const at = choosable.findIndex((instrument) => instrument.symbol === symbol)
    const next = at < 0 ? (by > 0 ? 0 : choosable.length - 1) : Math.min(choosable.length - 1, Math.max(0, at + by))
    const to = choosable[next]
    if (!to) return
    set({ symbol: to.symbol })
    document.getElementById(option(to.symbol))?.scrollIntoView({ block: 'nearest' })
  }

  function onKeyDown(event: React.KeyboardEvent): void {
    const by = { ArrowDown: 1, ArrowUp: -1, Home: -instruments.length, End: instruments.length }[event.key]
    if (by === undefined) return
    event.preventDefault()
    move(by)
  }

  return (
    <>
      <div className="ph">
        <h2>Instruments</h2>
        <span className="cnt" title="Change since the first price of the trading day">
          since open
        </span>
        <label className="find">
          <Icon name="search" />
          <input
            value={filter}
            placeholder=" "
            role="combobox"
            aria-label="Find an instrument"
            aria-expanded={!loading}
            aria-controls={loading ? undefined : list}
            aria-activedescendant={symbol ? option(symbol) : undefined}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setFilter(event.target.value)}
            onBlur={() => setFilter('')}
            onKeyDown={(event) => {
              if (event.key === 'ArrowDown' || event.key === 'ArrowUp') return onKeyDown(event)
              if (event.key !== 'Enter' && event.key !== 'Escape') return
              event.preventDefault()
              const first = choosable[0]
              if (event.key === 'Enter' && filter && first && !choosable.some((each) => each.symbol === symbol))
                set({ symbol: first.symbol })
              event.currentTarget.blur()
            }}
          />
        </label>
      </div>
      {instruments.length === 0 && loading ? (
        <Waiting />
      ) : (
        <div
          className="wl"
          id={list}
          role="listbox"
          aria-label="Instruments"
          tabIndex={0}
          aria-activedescendant={symbol ? option(symbol) : undefined}
          onKeyDown={onKeyDown}
        >
          {shown.map((instrument) => (
            <Line
              key={instrument.symbol}
              id={option(instrument.symbol)}
              instrument={instrument}
              chosen={instrument.symbol === symbol}
              held={held.get(instrument.symbol) ?? 0n}
            />
          ))}
          {shown.length === 0 && (
            <div className="none" role="option" aria-disabled aria-selected={false} tabIndex={-1}>
              No instrument matches.
            </div>
          )}
        </div>
      )}
      <Limits />
      <Activity />
    </>
  )
}

function matches({ symbol, name }: Instrument, filter: string): boolean {
  const text = filter.trim().toLowerCase()
  return symbol.toLowerCase().includes(text) || name.toLowerCase().includes(text)
}

function Line(props: { id: string; instrument: Instrument; chosen: boolean; held: Decimal }) {
  const { id, instrument, chosen, held } = props
  const { symbol, name, last_price: last, tradable } = instrument
  const change = changeOf(instrument)

  function choose(event: React.MouseEvent): void {
    if (!tradable) return
    useView.getState().set({ symbol })
    // A click on the price also fills the ticket's.
    const onPrice = event.target instanceof Element && event.target.closest('.p')
    if (onPrice && last !== null) useDraft.getState().set({ price: decimalText(last) })
  }

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the list's
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names the chosen one
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      aria-disabled={!tradable}
      className={`${chosen ? 'on' : ''} ${tradable ? '' : 'no'}`}
      onClick={choose}
    >
      <span className="s">{symbol}</span>
      <span className="p num">{last === null ? '–' : <Figure text={priceText(last, instrument)} />}</span>
      <span key={`held ${held}`} className="n ell">
        {held !== 0n && (
          <>
            <span className="t2 num">
              {held > 0n && '+'}
              {quantityText(held, instrument)}
            </span>
            {' · '}
          </>
        )}
        {name}
      </span>
      {tradable ? (
        <span key={`${change?.kind} ${change?.percent}`} className={`c num ${change?.kind ?? ''}`}>
          {change ? `${arrow[change.kind]} ${change.percent}` : '–'}
        </span>
      ) : (
        <span className="c">not tradable</span>
      )}
    </div>
  )
}

const widths = [40, 44, 58, 70, 42, 40, 44, 32, 38]

function Waiting() {
  return (
    <div className="wl" aria-hidden="true">
      {widths.map((width, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fixed row of bars
        <div key={index}>
          <span className="s">
            <Skeleton width={width} />
          </span>
          <span className="p">
            <Skeleton width={52} />
          </span>
          <span className="n">
            <Skeleton width={width + 48} height={8} />
          </span>
          <span className="c">
            <Skeleton width={44} height={8} />
          </span>
        </div>
      ))}
    </div>
  )
}
