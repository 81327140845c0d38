'use client'
// The rows of a long table that are in sight, and a few around them.
import { useVirtualizer } from '@tanstack/react-virtual'
import { Body, type BodyProps, ROW_HEIGHT } from './DataTable'

export function VirtualBody(props: BodyProps<unknown>) {
  const virtualizer = useVirtualizer({
    count: props.rows.length,
    estimateSize: () => ROW_HEIGHT,
    getScrollElement: () => props.box.current,
    overscan: 16,
  })
  const items = virtualizer.getVirtualItems()
  return <Body {...props} first={items[0]?.index ?? 0} last={items.at(-1)?.index ?? -1} />
}
