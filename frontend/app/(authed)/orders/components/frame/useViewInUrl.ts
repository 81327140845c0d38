// SPDX-License-Identifier: Apache-2.0
'use client'
// ?symbol= and ?order= say what is looked at, so that a reload or a link shows the same.
import { useEffect } from 'react'
import { useInstruments } from '@/lib/hooks/useInstruments'
import { useView } from '@/lib/view'

export function useViewInUrl(): void {
  const { instruments } = useInstruments()
  const { symbol, order, set } = useView()

  useEffect(() => {
    const asked = new URLSearchParams(location.search)
    const { symbol, order, set } = useView.getState()
    set({ symbol: asked.get('symbol')?.toUpperCase() ?? symbol, order: asked.get('order') ?? order })
  }, [])

  // Nothing chosen, or a symbol that there is not: the first one that can be traded.
  useEffect(() => {
    if (instruments.length === 0 || instruments.some((instrument) => instrument.symbol === symbol)) return
    set({ symbol: instruments.find((instrument) => instrument.tradable)?.symbol ?? null })
  }, [instruments, symbol, set])

  useEffect(() => {
    if (symbol === null) return
    const url = new URL(location.href)
    url.searchParams.set('symbol', symbol)
    if (order) url.searchParams.set('order', order)
    else url.searchParams.delete('order')
    if (url.href !== location.href) history.replaceState(history.state, '', url)
  }, [symbol, order])
}
