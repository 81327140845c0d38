// SPDX-License-Identifier: Apache-2.0
'use client'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'

export default function Home() {
  const router = useRouter()
  useEffect(() => router.replace('/orders/'), [router])
  return null
}
