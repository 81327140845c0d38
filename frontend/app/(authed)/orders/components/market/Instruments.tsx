'use client'
export function Instruments() {
  return null
}
