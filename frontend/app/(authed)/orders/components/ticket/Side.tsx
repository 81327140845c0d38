// SPDX-License-Identifier: Apache-2.0
'use client'
import * as RadioGroup from '@radix-ui/react-radio-group'
import { useId } from 'react'
import type { Side } from '@/lib/types'

export function SideField({ value, onChange, locked }: { value: Side; onChange(side: Side): void; locked: boolean }) {
  const id = useId()
  return (
    <RadioGroup.Root
      asChild
      className="sides"
      aria-labelledby={id}
      orientation="horizontal"
      value={value}
      disabled={locked}
      onValueChange={(side) => onChange(side as Side)}
    >
      <fieldset>
        <legend className="vh" id={id}>
          Side
        </legend>
        <RadioGroup.Item value="BUY" className={value === 'BUY' ? 'onb' : ''}>
          {value === 'BUY' && <Arrow path="M5 0 10 9H0Z" />}BUY
        </RadioGroup.Item>
        <RadioGroup.Item value="SELL" className={value === 'SELL' ? 'ons' : ''}>
          {value === 'SELL' && <Arrow path="M0 0h10L5 9Z" />}SELL
        </RadioGroup.Item>
      </fieldset>
    </RadioGroup.Root>
  )
}

const Arrow = ({ path }: { path: string }) => (
  <svg width="11" height="10" viewBox="0 0 10 9" aria-hidden="true">
    <path d={path} fill="currentColor" />
  </svg>
)
