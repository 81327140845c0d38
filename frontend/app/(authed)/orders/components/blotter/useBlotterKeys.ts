// SPDX-License-Identifier: Apache-2.0
'use client'
// J and K go through the rows, X cancels, 1 to 4 choose the tab, F goes to the filter. Enter is the row's own.
import { useOpenOrders } from '@/lib/hooks/useOrders'
import { useKey } from '@/lib/keys'
import { type BlotterTab, useView } from '@/lib/view'
import { requestCancel } from './cancel'

const rowsOnScreen = () => [...document.querySelectorAll<HTMLElement>('.blot [data-key]')]

function step(by: 1 | -1): void {
  const rows = rowsOnScreen()
  const { order, set } = useView.getState()
  const here = document.activeElement?.closest<HTMLElement>('.blot [data-key]')
  const at = rows.findIndex((row) => row === here || (!here && order !== null && row.dataset.orderId === order))
  const next = rows[at < 0 ? 0 : at + by]
  if (!next) return
  // An open drawer goes along and keeps the focus.
  if (order !== null && next.dataset.orderId) set({ order: next.dataset.orderId })
  if (here || order === null) next.focus()
  else next.scrollIntoView({ block: 'nearest' })
}

export function useBlotterKeys(): void {
  const { rows } = useOpenOrders()
  const tab = (name: BlotterTab) => () => useView.getState().set({ tab: name })
  useKey('j', () => step(1))
  useKey('k', () => step(-1))
  useKey('1', tab('open'))
  useKey('2', tab('history'))
  useKey('3', tab('fills'))
  useKey('4', tab('positions'))
  useKey('f', () => document.querySelector<HTMLElement>('.blot [data-filter]')?.focus())
  useKey('x', () => {
    const focused = document.activeElement?.closest<HTMLElement>('.blot [data-key]')
    const { order } = useView.getState()
    const row = rows.find((one) => (focused ? one.name === focused.dataset.key : one.order.id === order))
    if (row) requestCancel(row)
  })
}
