// SPDX-License-Identifier: Apache-2.0
// Icons of 16 px, stroke 1.5, drawn inline. Decoration: what they mean stands beside them or in the control's name.
const paths = {
  info: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM8 7.4v3.4M8 5.1v.1',
  warning: 'M8 2.2 14.4 13H1.6L8 2.2ZM8 6.4v3.2M8 11.4v.1',
  error: 'M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4l3.6-3.6ZM8 5v3.6M8 10.9v.1',
  check: 'm3.2 8.4 3.1 3.1 6.5-7',
  close: 'm4 4 8 8M12 4l-8 8',
  down: 'm4.5 6.5 3.5 3.5 3.5-3.5',
  search: 'M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4ZM10.2 10.2 13.5 13.5',
  download: 'M8 2.5v7.2M5 7l3 3 3-3M3 13h10',
  calendar:
    'M3.7 3.5h8.6a1.2 1.2 0 0 1 1.2 1.2v7.6a1.2 1.2 0 0 1-1.2 1.2H3.7a1.2 1.2 0 0 1-1.2-1.2V4.7a1.2 1.2 0 0 1 1.2-1.2ZM2.5 6.5h11M5.5 2v2.5M10.5 2v2.5',
  shield: 'M8 1.8 13 3.6v4.2c0 3-2 5.2-5 6.4-3-1.2-5-3.4-5-6.4V3.6L8 1.8ZM5.8 8l1.6 1.6 2.9-3.2',
  clock: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM8 4.6V8l2.4 1.6',
  back: 'M9.5 4 5.5 8l4 4',
  filter: 'M2.5 3.5h11L9.4 8.3v4.2l-2.8 1V8.3L2.5 3.5Z',
  minus: 'M3.5 8h9',
  plus: 'M3.5 8h9M8 3.5v9',
  copy: 'M6.7 5.5h5.6a1.2 1.2 0 0 1 1.2 1.2v5.6a1.2 1.2 0 0 1-1.2 1.2H6.7a1.2 1.2 0 0 1-1.2-1.2V6.7a1.2 1.2 0 0 1 1.2-1.2ZM3.5 10.5h-1v-8h8v1',
  trade: 'M2.5 11.5 6 7.5l2.6 2.4 4.9-6M10.2 3.9h3.3v3.3',
  orders: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1',
  positions: 'M8 2.2v5.8h5.8A5.8 5.8 0 1 1 8 2.2ZM10.4 2.2a5.8 5.8 0 0 1 3.4 3.4h-3.4V2.2Z',
  account: 'M8 2.8a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2ZM2.9 13.8c.6-2.8 2.6-4.2 5.1-4.2s4.5 1.4 5.1 4.2',
  sun: 'M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM8 1.6v1.2M8 13.2v1.2M1.6 8h1.2M13.2 8h1.2M3.5 3.5l.8.8M11.7 11.7l.8.8M3.5 12.5l.8-.8M11.7 4.3l.8-.8',
  sound: 'M2.5 6v4h2.3L8 12.6V3.4L4.8 6H2.5ZM10.6 6.2a2.6 2.6 0 0 1 0 3.6M12.4 4.4a5.1 5.1 0 0 1 0 7.2',
  moon: 'M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z',
  muted: 'M2.5 6v4h2.3L8 12.6V3.4L4.8 6H2.5ZM11 6l3 4M14 6l-3 4',
  table: 'M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.7h11M6.5 6.3V13',
} as const

export type IconName = keyof typeof paths

export function Icon({ name, size }: { name: IconName; size?: 's' }) {
  return (
    <svg className={size ? 'ic s' : 'ic'} viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
