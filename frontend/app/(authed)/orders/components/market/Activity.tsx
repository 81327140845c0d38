// SPDX-License-Identifier: Apache-2.0
'use client'
// What happened to the orders, as it happens. Fills are announced folded, by the messages, so that this list stays silent.
import { memo } from 'react'
import { Skeleton } from '@/components/Skeleton'
import { clock, figure } from '@/lib/format'
import { type ActivityLine, useActivity, useConnection } from '@/lib/hooks/useConnection'
import { useSettings } from '@/lib/settings'

export function Activity() {
  const lines = useActivity()
  const { seq, state } = useConnection()
  const utc = useSettings((settings) => settings.utc)
  return (
    <>
      <div className="ph sec">
        <h2>Activity</h2>
        <span className="cnt num end">{seq !== null && `seq ${figure(BigInt(seq) * 100_000_000n)}`}</span>
      </div>
      {lines.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        <ul className="feed" aria-label="Activity" tabIndex={0}>
          {lines.map((line) => (
            <Line key={line.key} line={line} utc={utc} />
          ))}
        </ul>
      ) : state === 'connecting' ? (
        <ul className="feed" aria-hidden="true">
          {[96, 110, 120, 132, 128, 104].map((width) => (
            <li key={width}>
              <span>
                <Skeleton width={44} />
              </span>
              <span>
                <Skeleton width={width} />
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="none">No events yet. What happens to your orders is listed here as it happens.</p>
      )}
    </>
  )
}

const Line = memo(function Line({ line: { at, symbol, text, kind }, utc }: { line: ActivityLine; utc: boolean }) {
  return (
    <li>
      <time className="num">{clock(new Date(at).toISOString(), utc)}</time>
      <span className="ell" title={`${symbol} ${text}`}>
        <b>{symbol}</b> <What text={text} kind={kind} />
      </span>
    </li>
  )
})

function What({ text, kind }: { text: string; kind: string }) {
  if (kind === 'order.in_doubt') return <span className="warn b">{text}</span>
  if (kind === 'order.rejected' || kind === 'order.cancel_rejected') return <span className="err b">{text}</span>
  const fill = /^filled (.+)$/.exec(text)
  if (!fill) return text
  return (
    <>
      filled <b className="num">{fill[1]}</b>
    </>
  )
}
