// SPDX-License-Identifier: Apache-2.0
'use client'
// Search and command: typed in words, chosen by arrows. Nothing here sends an order.
import * as Radix from '@radix-ui/react-dialog'
import { useId, useRef, useState } from 'react'
import { useAuth } from '@/lib/auth/context'
import { useView } from '@/lib/view'
import { Icon } from './Icon'
import { type Item, useItems } from './paletteItems'

export function Palette() {
  const set = useView((view) => view.set)
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const groups = useItems(text)
  const items = groups.flatMap((group) => group.items)
  const chosen = items[Math.min(at, items.length - 1)]
  const list = useId()
  const trader = useAuth().role === 'trader'
  const goesTo = useRef<() => void>(undefined)
  const idOf = (item: Item): string => `${list}-${item.key.replaceAll(' ', '-')}`

  function run(item: Item | undefined): void {
    if (!item?.run) return
    goesTo.current = item.focus
    set({ overlay: null })
    item.run()
  }

  function move(to: number): void {
    const next = Math.max(0, Math.min(items.length - 1, to))
    setAt(next)
    const item = items[next]
    if (item) document.getElementById(idOf(item))?.scrollIntoView({ block: 'nearest' })
  }

  return (
    <Radix.Root open onOpenChange={(open) => !open && set({ overlay: null })}>
      <Radix.Portal>
        <Radix.Overlay className="scrim topal">
          <Radix.Content
            className="dlg pal"
            aria-describedby={undefined}
            onCloseAutoFocus={(event) => {
              if (!goesTo.current) return
              event.preventDefault()
              goesTo.current()
            }}
          >
            <Radix.Title className="vh">Search or command</Radix.Title>
            <div className="q">
              <Icon name="search" />
              <input
                value={text}
                role="combobox"
                aria-label="Search or command"
                aria-expanded
                aria-controls={list}
                aria-activedescendant={chosen ? idOf(chosen) : undefined}
                aria-autocomplete="list"
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                placeholder={trader ? 'Symbol, order, page, or buy 100 aapl 150.80' : 'Part of the page, or setting'}
                onChange={(event) => {
                  setText(event.target.value)
                  setAt(0)
                }}
                onKeyDown={(event) => {
                  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 5, PageUp: at - 5 }[event.key]
                  if (to !== undefined) move(to)
                  else if (event.key === 'Enter' && !event.nativeEvent.isComposing) run(chosen)
                  else return
                  event.preventDefault()
                }}
              />
            </div>
            <div className="list" id={list} role="listbox" aria-label="What can be done">
              {groups.map((group) => (
                <div key={group.name} role="group" aria-label={group.name}>
                  <div className="gl" aria-hidden="true">
                    {group.name}
                  </div>
                  {group.items.map((item) => (
                    <Option
                      key={item.key}
                      id={idOf(item)}
                      item={item}
                      chosen={item === chosen}
                      onPoint={() => setAt(items.indexOf(item))}
                      onRun={() => run(item)}
                    />
                  ))}
                </div>
              ))}
            </div>
            {items.length === 0 && <p className="none">Nothing matches ‘{text.trim()}’.</p>}
            <div className="ft">
              <span>
                <kbd>↑</kbd>
                <kbd>↓</kbd> choose
              </span>
              <span>
                <kbd>↵</kbd> run
              </span>
              <span>
                <kbd>Esc</kbd> close
              </span>
              {trader && <span className="end">Grammar: side quantity symbol [price] [day|gtc|ioc|fok]</span>}
            </div>
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  )
}

function Option(props: { id: string; item: Item; chosen: boolean; onPoint(): void; onRun(): void }) {
  const { name, more, price, keys, run } = props.item
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the field's
    <div
      id={props.id}
      role="option"
      tabIndex={-1}
      aria-selected={props.chosen}
      aria-disabled={run === null}
      className={props.chosen ? 'it on' : 'it'}
      onPointerMove={props.onPoint}
      onClick={props.onRun}
    >
      <b className="num">{name}</b>
      <span className="ell">{more}</span>
      <span className="k">
        {price && <span className="num t1">{price}</span>}
        {keys?.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
        {!price && !keys && props.chosen && run && <kbd>↵</kbd>}
      </span>
    </div>
  )
}
