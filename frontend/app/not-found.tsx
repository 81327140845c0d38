// SPDX-License-Identifier: Apache-2.0
import Link from 'next/link'

export default function NotFound() {
  return (
    <main className="signin">
      <div>
        <h1>No such page</h1>
        <p className="t2">The address is wrong, or the page has gone.</p>
        <Link className="link" href="/orders/">
          Go to the orders
        </Link>
      </div>
    </main>
  )
}
