'use client'
export function TopBar() {
  return <header className="top" />
}
