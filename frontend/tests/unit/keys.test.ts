// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { keyName } from '@/lib/keys'

const none = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false }

test.each([
  [{ key: 'b' }, 'b'],
  [{ key: 'B' }, 'b'], // caps lock
  [{ key: 'D', shiftKey: true }, 'shift+d'],
  [{ key: '?', shiftKey: true }, '?'],
  [{ key: '1', shiftKey: true }, '1'], // AZERTY
  [{ key: 'k', ctrlKey: true }, 'mod+k'],
  [{ key: 'k', metaKey: true }, 'mod+k'],
  [{ key: 'K', ctrlKey: true, shiftKey: true }, null],
  [{ key: 'm', altKey: true }, null],
  [{ key: ']', ctrlKey: true, altKey: true }, ']'], // AltGr
  [{ key: 'q', ctrlKey: true, altKey: true }, null],
])('%j is %s', (pressed, name) => {
  expect(keyName({ ...none, ...pressed })).toBe(name)
})
