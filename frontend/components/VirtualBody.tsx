// SPDX-License-Identifier: Apache-2.0
'use client'
// The rows of a long table that are in sight, and a few around them. A short one is drawn whole; what is focused stays when it grows.
import { useVirtualizer } from '@tanstack/react-virtual'
import { Body, type BodyProps, ROW_HEIGHT } from './DataTable'

const AROUND = 8

export function VirtualBody({ virtual, ...props }: BodyProps<unknown> & { virtual: boolean }) {
  const virtualizer = useVirtualizer({
    count: props.rows.length,
    estimateSize: () => ROW_HEIGHT,
    getScrollElement: () => props.box.current,
    overscan: AROUND,
  })
  if (!virtual) return <Body {...props} />
  const items = virtualizer.getVirtualItems()
  return <Body {...props} first={items[0]?.index ?? 0} last={items.at(-1)?.index ?? -1} />
}
