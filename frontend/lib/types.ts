// SPDX-License-Identifier: Apache-2.0
// Names for the contract's schemas. Decimals are bigints of 1e-8 (lib/decimal.ts), times are the API's text in UTC.
import type { components } from './generated/api'

type Schemas = components['schemas']
export type Decimal = bigint
export type Side = Schemas['Side']
export type OrderType = Schemas['OrderType']
export type TimeInForce = Schemas['TimeInForce']
export type Order = Schemas['Order']
export type InclusionProof = Schemas['InclusionProof']
export type OrderStatus = Schemas['OrderStatus']
export type ExecutionState = Schemas['ExecutionState']
type Exact<T, K extends keyof T> = Omit<T, K> & { [P in K]: Exclude<T[P], string> }
// As the ticket makes it: exact decimals only.
export type NewOrder = Exact<Schemas['NewOrder'], 'quantity' | 'price' | 'stop_loss' | 'take_profit'>
export type OrderEvent = Schemas['OrderEvent']
export type PricesEvent = Schemas['PricesEvent']
export type Preview = Schemas['Preview']
export type Fill = Schemas['Fill']
export type Fault = Schemas['Fault']
export type Problem = Schemas['Problem']
export type Account = Schemas['Account']
export type Position = Schemas['Position']
export type Instrument = Schemas['Instrument']
export type Bar = Schemas['Bar']
export type BarInterval = Schemas['BarInterval']
export type OwnHalt = Schemas['OwnHalt']
export type Halt = Schemas['Halt']
export type AuditEntry = Schemas['AuditEntry']
export type OpenQuestion = Schemas['OpenQuestion']
export type PutAside = Schemas['PutAside']
export type Lane = Schemas['Lane']
export type ServiceHealth = Schemas['ServiceHealth']
export type Role = 'trader' | 'compliance' | 'operations'
