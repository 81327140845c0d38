'use client'
// The one socket of the screen. Renders nothing but the live region.
export function OrderStatusSocket() {
  return <div className="vh" role="status" aria-live="polite" />
}
