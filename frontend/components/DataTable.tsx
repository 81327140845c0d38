// SPDX-License-Identifier: Apache-2.0
'use client'
// The screen's tables: sorted by their heads (Shift adds a second), rows memoised by their version, virtual above 50.
import {
  type ColumnDef,
  getCoreRowModel,
  getExpandedRowModel,
  getSortedRowModel,
  type Header,
  type Row,
  type SortingState,
  useReactTable,
} from '@tanstack/react-table'
import { type KeyboardEvent, memo, type ReactNode, type RefObject, useMemo, useRef, useState } from 'react'
import { PHONE, useMedia } from '@/lib/hooks/useMedia'
import { VirtualBody } from './VirtualBody'

// A row costs a fifth of a millisecond at each paint, in sight or not.
const VIRTUAL_FROM = 50

export interface Column<T> {
  id: string
  head: ReactNode
  width?: number
  className?: string // of head and cells; 'opt' is dropped below 1400, 'gain' comes at 1600
  sort?: (a: T, b: T) => number
  cell(row: T): ReactNode
}

export interface TableRow {
  className?: string
  data?: Record<`data-${string}`, string | undefined>
}

interface Props<T> {
  caption: string
  columns: Column<T>[] // stable: rows are drawn again when it changes
  rows: T[]
  rowKey(row: T): string
  rowVersion(row: T): string // what is shown of a row is the same while this is
  rowProps?(row: T): TableRow
  subRows?(row: T): T[] | undefined
  arrange?(rows: T[]): T[] // after sorting
  selected?: string | null // the key of the row that is looked at
  onOpen?(row: T): void
  className?: string
  children?: ReactNode // over the rows: what is said where there are none
  skeletons?: number // rows that are not here yet
  sortedBy?: SortingState
  onHover?(on: boolean): void // the mouse comes and goes
  total?: ReactNode // a last row
  card?(row: T): ReactNode // on the phone each row is a card: what stands on it,
  cardActions?(row: T): ReactNode // and what is offered once it was touched; without it a touch opens the row
}

export function DataTable<T>(props: Props<T>) {
  const [sorting, setSorting] = useState<SortingState>(props.sortedBy ?? [])
  const defs = useMemo<ColumnDef<T>[]>(
    () =>
      props.columns.map((column) => ({
        id: column.id,
        accessorFn: (row) => row,
        enableSorting: column.sort !== undefined,
        sortingFn: column.sort && ((a, b) => column.sort?.(a.original, b.original) ?? 0),
        sortDescFirst: false,
      })),
    [props.columns],
  )
  const table = useReactTable({
    data: props.rows,
    columns: defs,
    state: { sorting, expanded: true },
    onSortingChange: setSorting,
    getRowId: (row) => props.rowKey(row),
    getSubRows: props.subRows,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    getExpandedRowModel: getExpandedRowModel(),
  })
  const sorted = table.getRowModel().rows.map((row: Row<T>) => row.original)
  const rows = props.arrange ? props.arrange(sorted) : sorted
  const box = useRef<HTMLElement>(null)
  const headers = table.getFlatHeaders()
  const phone = useMedia(PHONE)
  const virtual = rows.length > VIRTUAL_FROM
  const body: BodyProps<T> = { ...props, rows, box, first: 0, last: rows.length - 1 }
  if (phone && props.card) return <Cards {...props} rows={rows} />
  return (
    <section
      className="tw"
      ref={box}
      aria-label={props.caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
      onPointerEnter={(event) => event.pointerType === 'mouse' && props.onHover?.(true)}
      onPointerLeave={() => props.onHover?.(false)}
    >
      <table className={props.className} aria-rowcount={virtual ? rows.length + 1 : undefined}>
        <caption className="vh">{props.caption}</caption>
        <colgroup>
          {props.columns.map((column) => (
            <col
              key={column.id}
              className={column.className}
              style={column.width ? { width: `${column.width}px` } : undefined}
            />
          ))}
        </colgroup>
        <thead>
          <tr>
            {props.columns.map((column, index) => (
              <Head key={column.id} column={column} header={headers[index] as Header<T, unknown>} />
            ))}
          </tr>
        </thead>
        <VirtualBody {...(body as BodyProps<unknown>)} virtual={virtual} />
      </table>
      {props.children}
    </section>
  )
}

function Head<T>({ column, header }: { column: Column<T>; header: Header<T, unknown> }) {
  const direction = header.column.getIsSorted()
  const sortable = header.column.getCanSort()
  return (
    <th
      scope="col"
      className={column.className}
      aria-sort={direction ? (direction === 'asc' ? 'ascending' : 'descending') : undefined}
    >
      {sortable ? (
        <button type="button" className="sorter" onClick={header.column.getToggleSortingHandler()}>
          {column.head}
          <span aria-hidden="true">{direction === 'asc' ? ' ↑' : direction === 'desc' ? ' ↓' : ''}</span>
        </button>
      ) : (
        column.head
      )}
    </th>
  )
}

// The same rows on the phone. What is out of sight is not laid out (content-visibility).
function Cards<T>(props: Props<T>) {
  const { rows, card, cardActions, onOpen } = props
  const [touched, setTouched] = useState<string | null>(null)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="tw" aria-label={props.caption} tabIndex={0}>
      <ul className="cards">
        {rows.map((row) => {
          const key = props.rowKey(row)
          const { className = '', data } = props.rowProps?.(row) ?? {}
          const expanded = key === touched
          return (
            <li key={key} data-key={key} {...data} className={`pcard ${className}${expanded ? ' sel' : ''}`}>
              <button
                type="button"
                className="pmain"
                aria-expanded={cardActions ? expanded : undefined}
                onClick={() => (cardActions ? setTouched(expanded ? null : key) : onOpen?.(row))}
              >
                {card?.(row)}
              </button>
              {expanded && <div className="two">{cardActions?.(row)}</div>}
            </li>
          )
        })}
        {rows.length === 0 && props.skeletons
          ? Array.from({ length: props.skeletons }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
              <li key={index} className="pcard sks">
                <span className="sk" />
                <span className="sk" />
              </li>
            ))
          : null}
      </ul>
      {props.children}
    </section>
  )
}

export const ROW_HEIGHT = 28

export interface BodyProps<T> extends Props<T> {
  box: RefObject<HTMLElement | null>
  first: number // of the rows that are drawn; others are space
  last: number
}

export function Body<T>(props: BodyProps<T>) {
  const { rows, columns, first, last } = props
  const part = last - first + 1 < rows.length
  // One row takes part in the order of Tab: the one that is looked at, else the first.
  const [current, setCurrent] = useState<string | null>(null)
  const stop = [props.selected, current].find((key) => key && rows.some((row) => props.rowKey(row) === key))

  function move(event: KeyboardEvent<HTMLTableSectionElement>) {
    const row = event.target as HTMLElement
    if (row.tagName !== 'TR' || event.altKey || event.ctrlKey || event.metaKey) return
    if (event.key === 'Enter') {
      const one = rows.find((each) => props.rowKey(each) === row.dataset.key)
      if (one) props.onOpen?.(one)
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      const next = event.key === 'ArrowDown' ? row.nextElementSibling : row.previousElementSibling
      if (next instanceof HTMLElement && next.dataset.key) next.focus()
    } else if (event.key === 'Home' || event.key === 'End') {
      event.preventDefault()
      props.box.current?.scrollTo({ top: event.key === 'Home' ? 0 : props.box.current.scrollHeight })
      // The rows of there are drawn after the scroll.
      setTimeout(() => {
        const drawn = [...(props.box.current?.querySelectorAll<HTMLElement>('tr[data-key]') ?? [])]
        ;(event.key === 'Home' ? drawn[0] : drawn[drawn.length - 1])?.focus()
      }, 50)
    }
  }

  const spacer = (from: number, to: number) =>
    to > from && (
      <tr className="space">
        <td colSpan={columns.length} style={{ height: `${(to - from) * ROW_HEIGHT}px` }} />
      </tr>
    )
  return (
    <tbody
      onKeyDown={move}
      onFocus={(event) => {
        const key = (event.target as HTMLElement).closest('tr')?.dataset.key
        if (key) setCurrent(key)
      }}
    >
      {spacer(0, first)}
      {rows.slice(first, last + 1).map((row, offset) => {
        const key = props.rowKey(row)
        return (
          <BodyRow
            key={key}
            id={key}
            row={row}
            version={props.rowVersion(row)}
            columns={columns as Column<unknown>[]}
            rowProps={props.rowProps as Props<unknown>['rowProps']}
            onOpen={props.onOpen as Props<unknown>['onOpen']}
            selected={key === props.selected}
            tab={stop ? key === stop : first + offset === 0}
            index={part ? first + offset + 2 : undefined}
          />
        )
      })}
      {spacer(last + 1, rows.length)}
      {rows.length === 0 && Boolean(props.skeletons) && <Skeletons columns={columns} rows={props.skeletons ?? 0} />}
      {props.total}
    </tbody>
  )
}

// The geometry of what will come. It shows after 300 ms only: most answers are faster.
function Skeletons<T>({ columns, rows }: { columns: Column<T>[]; rows: number }) {
  return Array.from({ length: rows }, (_, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
    <tr key={row} className="sks">
      {columns.map((column) => (
        <td key={column.id} className={column.className}>
          <span className="sk" style={{ width: `${Math.round((column.width ?? 110) * 0.57)}px` }} />
        </td>
      ))}
    </tr>
  ))
}

interface BodyRowProps {
  id: string
  row: unknown
  version: string
  columns: Column<unknown>[]
  rowProps: Props<unknown>['rowProps']
  onOpen: Props<unknown>['onOpen']
  selected: boolean
  tab: boolean
  index: number | undefined
}

const BodyRow = memo(function BodyRow({ id, row, columns, rowProps, onOpen, selected, tab, index }: BodyRowProps) {
  const { className = '', data } = rowProps?.(row) ?? {}
  return (
    <tr
      id={`row-${id}`}
      data-key={id}
      {...data}
      className={`${className}${selected ? ' sel' : ''}${onOpen ? ' open' : ''}`}
      aria-current={selected ? 'true' : undefined}
      aria-rowindex={index}
      tabIndex={onOpen ? (tab ? 0 : -1) : undefined}
      onClick={onOpen && ((event) => (event.target as HTMLElement).closest('button,a') || onOpen(row))}
    >
      {columns.map((column) => (
        <td key={column.id} className={column.className}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  )
}, same)

// The row itself may be a new object at each answer; its version says whether it shows anything new.
function same(a: BodyRowProps, b: BodyRowProps): boolean {
  return (
    a.id === b.id &&
    a.version === b.version &&
    a.columns === b.columns &&
    a.selected === b.selected &&
    a.tab === b.tab &&
    a.index === b.index
  )
}
