'use client'
import { RadioGroup } from 'radix-ui'
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
          {value === 'BUY' && <span aria-hidden="true">▲</span>}BUY
        </RadioGroup.Item>
        <RadioGroup.Item value="SELL" className={value === 'SELL' ? 'ons' : ''}>
          {value === 'SELL' && <span aria-hidden="true">▼</span>}SELL
        </RadioGroup.Item>
      </fieldset>
    </RadioGroup.Root>
  )
}
