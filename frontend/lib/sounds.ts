// SPDX-License-Identifier: Apache-2.0
// Three short tones, off until they are asked for: a fill, a refusal, a doubt. Made by the browser, so that no file is loaded.
import { type DeskKind, onDeskEvent } from './desk'
import { useSettings } from './settings'

type Tone = { hz: number; atMs: number; forMs: number }[]

const fill: Tone = [{ hz: 880, atMs: 0, forMs: 70 }]
const refusal: Tone = [{ hz: 220, atMs: 0, forMs: 140 }]
const doubt: Tone = [
  { hz: 440, atMs: 0, forMs: 80 },
  { hz: 330, atMs: 110, forMs: 110 },
]

const tones: Partial<Record<DeskKind, Tone>> = {
  filled: fill,
  rejected: refusal,
  refused: refusal,
  cancel_rejected: refusal,
  cancel_failed: refusal,
  in_doubt: doubt,
}

const LOUD = 0.08
const REST_MS = 150 // many fills at once are one sound

let context: AudioContext | null = null
let quietUntil = 0

function play(tone: Tone): void {
  if (performance.now() < quietUntil) return
  quietUntil = performance.now() + REST_MS
  context ??= new AudioContext()
  // Browsers hold sound back until the page was clicked; what is late is not played later.
  if (context.state === 'suspended') return void context.resume()
  for (const { hz, atMs, forMs } of tone) {
    const from = context.currentTime + atMs / 1000
    const to = from + forMs / 1000
    const gain = context.createGain()
    gain.gain.setValueAtTime(0, from)
    gain.gain.linearRampToValueAtTime(LOUD, from + 0.008)
    gain.gain.exponentialRampToValueAtTime(0.0001, to)
    const oscillator = context.createOscillator()
    oscillator.frequency.value = hz
    oscillator.connect(gain).connect(context.destination)
    oscillator.start(from)
    oscillator.stop(to)
  }
}

export const startSounds = (): (() => void) =>
  onDeskEvent(({ kind }) => {
    const tone = tones[kind]
    if (tone && useSettings.getState().sounds) play(tone)
  })
