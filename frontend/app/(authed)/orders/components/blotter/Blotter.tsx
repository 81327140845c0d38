'use client'
// Open orders, history, fills and positions.
export function Blotter() {
  return <div className="tabs" />
}
