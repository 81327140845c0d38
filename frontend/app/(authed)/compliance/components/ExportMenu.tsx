// SPDX-License-Identifier: Apache-2.0
'use client'
// The export of what is searched for: chosen here, written by export.ts, told while it runs and how it ended.
import * as DropdownMenu from '@radix-ui/react-dropdown-menu'
import { useRef, useState } from 'react'
import { Icon } from '@/components/Icon'
import { count } from '@/lib/format'
import { exportAudit, type Format, type Progress } from './export'
import type { AuditQuery } from './search'

export type ExportState =
  | { kind: 'running'; format: Format; progress: Progress }
  | { kind: 'done'; progress: Progress }
  | { kind: 'failed'; text: string }

const EVERY_MS = 250

export function useExport(query: AuditQuery) {
  const [state, setState] = useState<ExportState | null>(null)
  const stop = useRef<AbortController | null>(null)
  async function start(format: Format) {
    if (state?.kind === 'running') return
    const abort = new AbortController()
    stop.current = abort
    let told = 0
    setState({ kind: 'running', format, progress: { entries: 0, bytes: 0 } })
    try {
      const progress = await exportAudit(
        query,
        format,
        (now) => {
          if (performance.now() - told < EVERY_MS) return
          told = performance.now()
          setState({ kind: 'running', format, progress: now })
        },
        abort.signal,
      )
      setState(progress && { kind: 'done', progress })
    } catch (error) {
      setState({ kind: 'failed', text: error instanceof Error ? error.message : String(error) })
    }
  }
  return { state, start, stop: () => stop.current?.abort(), dismiss: () => setState(null) }
}

export function ExportMenu({ running, onChoose }: { running: boolean; onChoose(format: Format): void }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <button type="button" className="btn sm" disabled={running}>
          <Icon name="download" />
          Export <Icon name="down" size="s" />
        </button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
          <DropdownMenu.Item className="menu-it" onSelect={() => onChoose('ndjson')}>
            NDJSON <span>one entry a line, exact</span>
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-it" onSelect={() => onChoose('csv')}>
            CSV <span>a header, a row an entry</span>
          </DropdownMenu.Item>
          <DropdownMenu.Label className="menu-lbl what">
            The trader and the times of this search, in UTC. An export has no filter by order or action.
          </DropdownMenu.Label>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

function size(bytes: number): string {
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

const told = ({ entries, bytes }: Progress) =>
  `${count(entries)} ${entries === 1 ? 'entry' : 'entries'}, ${size(bytes)}`

export function ExportLine({ state, onStop, onDismiss }: { state: ExportState; onStop(): void; onDismiss(): void }) {
  const failed = state.kind === 'failed'
  return (
    <div className={`exportline${failed ? ' errb' : ''}`} role={failed ? 'alert' : 'status'}>
      <Icon name={failed ? 'error' : state.kind === 'done' ? 'check' : 'download'} />
      <span className="num">
        {state.kind === 'running' && `Exporting ${state.format.toUpperCase()}: ${told(state.progress)}`}
        {state.kind === 'done' && `Exported whole: ${told(state.progress)}`}
        {failed && state.text}
      </span>
      <button type="button" className="link" onClick={state.kind === 'running' ? onStop : onDismiss}>
        {state.kind === 'running' ? 'Stop' : 'Close'}
      </button>
    </div>
  )
}
