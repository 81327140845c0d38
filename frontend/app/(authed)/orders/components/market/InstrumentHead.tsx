'use client'
export function InstrumentHead() {
  return null
}
