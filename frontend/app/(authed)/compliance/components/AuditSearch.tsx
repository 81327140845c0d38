// SPDX-License-Identifier: Apache-2.0
'use client'
// The filters of the log's search, and its export.
import { useEffect, useId, useState } from 'react'
import { MomentField } from '@/app/(authed)/orders/components/blotter/MomentField'
import { ExportMenu } from './ExportMenu'
import type { Format } from './export'
import { actions, judge, type Search, type SearchFaults } from './search'

export function AuditSearch({
  search,
  utc,
  exporting,
  onSearch,
  onExport,
}: {
  search: Search
  utc: boolean
  exporting: boolean
  onSearch(search: Search): void
  onExport(format: Format): void
}) {
  const id = useId()
  const [typed, setTyped] = useState(search)
  const [faults, setFaults] = useState<SearchFaults>({})
  useEffect(() => {
    setTyped(search)
    setFaults({})
  }, [search])

  function go() {
    const { faults: found } = judge(typed, utc)
    setFaults(found)
    const first = (['trader', 'order'] as const).find((name) => found[name])
    if (first) document.getElementById(`${id}-${first}`)?.focus()
    else if (Object.keys(found).length === 0) onSearch({ ...typed })
  }

  const field = (name: 'trader' | 'order', label: string) => (
    <label htmlFor={`${id}-${name}`}>
      {label}
      <span className="inp mono who">
        <input
          id={`${id}-${name}`}
          value={typed[name]}
          placeholder="any, UUID"
          onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
          aria-invalid={faults[name] !== undefined || undefined}
          aria-describedby={faults[name] ? `${id}-fault` : undefined}
          autoComplete="off"
          spellCheck={false}
          maxLength={40}
        />
      </span>
    </label>
  )

  const told = Object.values(faults)
  return (
    <search aria-label="Audit trail">
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault()
          go()
        }}
      >
        {field('trader', 'Trader')}
        {field('order', 'Order')}
        <label htmlFor={`${id}-action`}>
          Action
          <span className="inp what">
            <select
              id={`${id}-action`}
              value={typed.action}
              onChange={(event) =>
                setTyped({ ...typed, action: actions.find((one) => one === event.target.value) ?? '' })
              }
            >
              <option value="">Any</option>
              {actions.map((action) => (
                <option key={action} value={action}>
                  {action}
                </option>
              ))}
            </select>
          </span>
        </label>
        <MomentField
          label="Recorded from"
          hint="the beginning"
          value={typed.from}
          utc={utc}
          onChange={(from) => setTyped({ ...typed, from })}
        />
        <MomentField label="to" hint="now" value={typed.to} utc={utc} onChange={(to) => setTyped({ ...typed, to })} />
        <button className="btn sm pri" type="submit">
          Search
        </button>
        <span className="grow" />
        <ExportMenu running={exporting} onChoose={onExport} />
        {told.length > 0 && (
          <p className="fault" id={`${id}-fault`} role="alert">
            {told.join(' ')}
          </p>
        )}
      </form>
    </search>
  )
}
