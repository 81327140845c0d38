// SPDX-License-Identifier: Apache-2.0
// The export, streamed into a file as it comes: nothing of it is kept in memory but one piece. The file is one that the person has
// chosen, or, where the browser has no such dialog, one of its own storage that is then handed over as a download.
import { token } from '@/lib/api'
import { parseExact } from '@/lib/json'
import type { Problem } from '@/lib/types'
import type { AuditQuery } from './search'

export type Format = 'ndjson' | 'csv'

export interface Progress {
  entries: number
  bytes: number
}

export class NotWhole extends Error {}
export class CannotWrite extends Error {}

const types: Record<Format, { description: string; accept: Record<string, string[]> }> = {
  ndjson: { description: 'NDJSON, one entry a line', accept: { 'application/x-ndjson': ['.ndjson'] } },
  csv: { description: 'CSV', accept: { 'text/csv': ['.csv'] } },
}

type Picker = (options: { suggestedName: string; types: (typeof types)[Format][] }) => Promise<FileSystemFileHandle>

interface Target {
  handle: FileSystemFileHandle
  chosen: boolean // by the person, who has it however much came
  finish(): Promise<void>
}

// Has to be called while the click that asked for it still counts. Null: the person thought better of it.
async function target(name: string, format: Format): Promise<Target | null> {
  const pick = (window as { showSaveFilePicker?: Picker }).showSaveFilePicker
  if (pick) {
    try {
      return {
        handle: await pick({ suggestedName: name, types: [types[format]] }),
        chosen: true,
        finish: async () => {},
      }
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return null
      throw new CannotWrite('The file cannot be written.')
    }
  }
  const folder = await navigator.storage?.getDirectory?.().catch(() => null)
  const handle = await folder?.getFileHandle(name, { create: true }).catch(() => null)
  if (!folder || !handle?.createWritable)
    throw new CannotWrite('This browser cannot write a file while it comes. Use oxectl audit export.')
  return {
    handle,
    chosen: false,
    async finish() {
      const address = URL.createObjectURL(await handle.getFile())
      const link = document.createElement('a')
      link.href = address
      link.download = name
      link.click()
      // The download reads the file for as long as it takes; the next export of this page removes it.
      setTimeout(() => URL.revokeObjectURL(address), 60_000)
    },
  }
}

async function tidy(): Promise<void> {
  const folder = await navigator.storage?.getDirectory?.().catch(() => null)
  if (!folder) return
  const names: string[] = []
  for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name)
  for (const name of names) if (name.startsWith('oxe-audit-')) await folder.removeEntry(name).catch(() => {})
}

async function problemText(response: Response): Promise<string> {
  try {
    return (parseExact(await response.text()) as Problem).detail
  } catch {
    return `The server answered ${response.status}.`
  }
}

// Resolves with the figures of the whole export, or null when no file was chosen. Rejects with NotWhole when the stream broke off.
export async function exportAudit(
  query: AuditQuery,
  format: Format,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Progress | null> {
  const name = `oxe-audit-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}Z.${format}`
  await tidy()
  const file = await target(name, format)
  if (!file) return null
  const asked = new URLSearchParams({ format })
  for (const part of ['trader_id', 'from', 'to'] as const) {
    const value = query[part]
    if (value) asked.set(part, value)
  }
  const authorization = `Bearer ${await token()}`
  const request = fetch(`/api/v1/audit/export?${asked}`, { headers: { authorization }, cache: 'no-store', signal })
  const response = await request.catch(() => {
    throw new CannotWrite(signal.aborted ? 'Stopped before anything came.' : 'No answer from the gateway. Try again.')
  })
  if (!response.ok || !response.body) throw new CannotWrite(await problemText(response))
  // A header line is no entry. The texts of a CSV hold no line break that is not within quotes, so quotes are followed.
  const progress: Progress = { entries: format === 'csv' ? -1 : 0, bytes: 0 }
  let quoted = false
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      for (const byte of piece) {
        if (byte === 0x22 && format === 'csv') quoted = !quoted
        else if (byte === 0x0a && !quoted) progress.entries += 1
      }
      progress.bytes += piece.length
      onProgress({ entries: Math.max(0, progress.entries), bytes: progress.bytes })
      controller.enqueue(piece)
    },
  })
  try {
    await response.body.pipeThrough(count).pipeTo(await file.handle.createWritable())
  } catch {
    throw new NotWhole(`The export is not whole. ${file.chosen ? 'Delete the file and try' : 'Try'} again.`)
  }
  await file.finish()
  return { entries: Math.max(0, progress.entries), bytes: progress.bytes }
}
