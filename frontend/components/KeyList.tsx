// SPDX-License-Identifier: Apache-2.0
'use client'
// The keys of the screen that do something for the role of who looks.
import * as Radix from '@radix-ui/react-dialog'
import { useAuth } from '@/lib/auth/context'
import { useView } from '@/lib/view'
import { Icon } from './Icon'

type Group = { name: string; keys: [name: string, ...keys: string[]][] }

const trading: Group[] = [
  {
    name: 'Ticket',
    keys: [
      ['Buy, Sell', 'B', 'S'],
      ['Symbol', '/'],
      ['Quantity', 'Q'],
      ['Price', 'P'],
      ['MARKET, LIMIT, STOP', 'M', 'L', 'T'],
      ['One step (lot, tick)', '↑', '↓'],
      ['Ten steps', 'Shift', '↑'],
      ['Review, then submit', '↵'],
      ['Back, clear', 'Esc'],
    ],
  },
  {
    name: 'Orders',
    keys: [
      ['Next, previous row', 'J', 'K'],
      ['Open the row', '↵'],
      ['Cancel order', 'X'],
      ['Open orders', '1'],
      ['History', '2'],
      ['Fills', '3'],
      ['Positions', '4'],
      ['Filter the table', 'F'],
    ],
  },
]

const everywhere = (trader: boolean): Group => ({
  name: 'Everywhere',
  keys: [
    ['Search or command', 'Ctrl', 'K'],
    ['This list', '?'],
    ...(trader ? [['Next, previous symbol', ']', '['] satisfies Group['keys'][number]] : []),
    ['Light or dark', 'Shift', 'D'],
    ['Sounds on or off', 'Shift', 'M'],
    ['UTC or local time', 'Shift', 'U'],
    ...(trader ? [['Latest message', 'N'] satisfies Group['keys'][number]] : []),
  ],
})

export function KeyList() {
  const set = useView((view) => view.set)
  const trader = useAuth().role === 'trader'
  const groups = [...(trader ? trading : []), everywhere(trader)]
  return (
    <Radix.Root open onOpenChange={() => set({ overlay: null })}>
      <Radix.Portal>
        <Radix.Overlay className="scrim">
          <Radix.Content className="dlg keys" aria-describedby={undefined}>
            <header className="row">
              <Radix.Title>Keyboard</Radix.Title>
              <span className="grow" />
              <Radix.Close className="ibtn" aria-label="Close">
                <Icon name="close" />
              </Radix.Close>
            </header>
            <div className="g">
              {groups.map((group) => (
                <div key={group.name}>
                  <h3>{group.name}</h3>
                  <dl>
                    {group.keys.map(([name, ...keys]) => (
                      <div key={name}>
                        <dt>{name}</dt>
                        <dd>
                          {keys.map((key) => (
                            <kbd key={key}>{key}</kbd>
                          ))}
                        </dd>
                      </div>
                    ))}
                  </dl>
                </div>
              ))}
            </div>
            <footer>
              Single keys work outside of text fields and can be switched off in the menu.
              {trader && ' No key submits without the review step.'}
            </footer>
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  )
}
