// SPDX-License-Identifier: Apache-2.0
// What both sign-in modules give; next.config.ts says which of them a build holds.
export { AuthProvider, SignIn } from './development'
