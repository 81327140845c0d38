// SPDX-License-Identifier: Apache-2.0
import type { NextConfig } from 'next'

// The gateway serves the export at '/': no Node in production. A fixed build id makes two builds of one source the same bytes.
const config: NextConfig = {
  output: 'export',
  trailingSlash: true,
  reactStrictMode: true,
  generateBuildId: () => 'oxe',
  images: { unoptimized: true },
  turbopack: {
    resolveAlias: {
      // One module of the two: a build with a Clerk key holds no development sign-in, and the other way round.
      '@/lib/auth/provider': process.env.NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY
        ? './lib/auth/clerk.tsx'
        : './lib/auth/development.tsx',
    },
  },
}

export default config
