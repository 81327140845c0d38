'use client'
export function StatusBar() {
  return <footer className="bar" />
}
