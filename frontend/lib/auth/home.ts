// SPDX-License-Identifier: Apache-2.0
import type { Role } from '../types'

// Where a role begins.
export const homeOf = (role: Role): string =>
  role === 'compliance' ? '/compliance/' : role === 'operations' ? '/operations/' : '/orders/'
