'use client'
// The ticket.
export function OrderForm() {
  return (
    <div className="ph">
      <h2>Order ticket</h2>
    </div>
  )
}
