// SPDX-License-Identifier: Apache-2.0
'use client'
// How the screen is connected, what happened lately, and what time it is.
import { useEffect, useState } from 'react'
import { useAnswers } from '../api'
import { retryNow } from '../live'
import { type ConnectionWord, connectionWord } from '../socket'
import { type ActivityLine, useDesk } from '../store'

export type { ActivityLine } from '../store'

export interface Connection {
  state: ConnectionWord
  since: number // of what is not live: when the socket was lost; else when it was ready
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

export function useConnection(): Connection {
  const socket = useDesk((desk) => desk.socket)
  const answers = useAnswers()
  const pricesAt = useDesk((desk) => desk.pricesAt)
  const lastFetchAt = useDesk((desk) => desk.fetchedAt)
  const limit = useDesk((desk) => desk.account?.limits.orders_per_minute ?? null)
  const [, setSteps] = useState(0)
  // 'reconnecting' becomes 'polling' by time alone.
  useEffect(() => {
    if (socket.downSince === null) return
    const timer = setTimeout(() => setSteps((n) => n + 1), Math.max(0, socket.downSince + 3000 - Date.now()) + 10)
    return () => clearTimeout(timer)
  }, [socket.downSince])
  return {
    state: connectionWord(socket, Date.now()),
    since: socket.downSince ?? socket.readyAt ?? Date.now(),
    seq: socket.lastSeq,
    lastEventAt: socket.lastEventAt,
    lastFetchAt,
    latencyMs: answers.latencyMs,
    tries: socket.tries,
    nextTryAt: socket.nextTryAt,
    pricesAt,
    ordersLeft: answers.ordersLeft,
    ordersPerMinute: answers.ordersPerMinute ?? limit,
    reconnect: retryNow,
  }
}

export const useActivity = (): ActivityLine[] => useDesk((desk) => desk.activity)

// Milliseconds, once a second. Only for texts that need rendering.
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}
