'use client'
// How the screen is connected, what happened lately, and what time it is.
import { useEffect, useState } from 'react'
import { useAnswers } from '../api'

export interface Connection {
  state: 'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline'
  since: number
  seq: number | null
  lastEventAt: number | null
  lastFetchAt: number | null
  latencyMs: number | null
  tries: number
  nextTryAt: number | null
  pricesAt: number | null
  ordersLeft: number | null
  ordersPerMinute: number | null
  reconnect(): void
}

export interface ActivityLine {
  key: string
  at: number
  symbol: string
  text: string // 'filled 30 @ 150.20'
  kind: string // the event: 'order.filled'
}

export function useConnection(): Connection {
  const answers = useAnswers()
  return {
    state: 'live',
    since: 0,
    seq: null,
    lastEventAt: null,
    lastFetchAt: null,
    tries: 0,
    nextTryAt: null,
    pricesAt: null,
    reconnect() {},
    ...answers,
  }
}

const none: ActivityLine[] = []

export function useActivity(): ActivityLine[] {
  return none
}

// Milliseconds, once a second. Only for texts that need rendering.
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}
