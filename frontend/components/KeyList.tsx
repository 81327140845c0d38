'use client'
// All keys of the screen.
import * as Radix from '@radix-ui/react-dialog'
import { useView } from '@/lib/view'
import { Icon } from './Icon'

const groups: { name: string; keys: [name: string, ...keys: string[]][] }[] = [
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
  {
    name: 'Everywhere',
    keys: [
      ['Search or command', 'Ctrl', 'K'],
      ['This list', '?'],
      ['Next, previous symbol', ']', '['],
      ['Light or dark', 'Shift', 'D'],
      ['Sounds on or off', 'Shift', 'M'],
      ['UTC or local time', 'Shift', 'U'],
      ['Latest message', 'N'],
    ],
  },
]

export function KeyList() {
  const set = useView((view) => view.set)
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
              Single keys work outside of text fields and can be switched off in the menu. No key submits without the
              review step.
            </footer>
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  )
}
