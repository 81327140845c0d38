'use client'
// The chart of the chosen instrument.
export function Chart() {
  return <div className="chart" />
}
