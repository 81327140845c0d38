// SPDX-License-Identifier: Apache-2.0
'use client'
// The drawer of an order and the questions before a cancel. Their code comes after the first paint.
import dynamic from 'next/dynamic'
import { useEffect } from 'react'
import { useView } from '@/lib/view'
import { useCancelQuestion } from './cancel'

const loadDrawer = () => import('../drawer/OrderDrawer').then((module) => module.OrderDrawer)
const loadQuestions = () => import('./CancelDialogs').then((module) => module.CancelDialogs)
const OrderDrawer = dynamic(loadDrawer, { ssr: false })
const CancelDialogs = dynamic(loadQuestions, { ssr: false })

export function Overlays() {
  const order = useView((view) => view.order)
  const asked = useCancelQuestion((question) => question.leg !== null || question.all !== null)
  useEffect(() => {
    void loadDrawer()
    void loadQuestions()
  }, [])
  return (
    <>
      {order !== null && <OrderDrawer id={order} />}
      {asked && <CancelDialogs />}
    </>
  )
}
