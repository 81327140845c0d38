// SPDX-License-Identifier: Apache-2.0
import type { Metadata, Viewport } from 'next'
import localFont from 'next/font/local'
import type { ReactNode } from 'react'
import { AuthProvider } from '@/lib/auth/provider'
import { themeScript } from '@/lib/theme'
import { Look } from './Look'
import './styles/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/market.css'
import './styles/chart.css'
import './styles/blotter.css'
import './styles/drawer.css'
import './styles/ticket.css'
import './styles/overlays.css'
import './styles/roles.css'
import './styles/signin.css'
import './styles/phone.css'
import './styles/motion.css'

// next/font preloads, swaps, and makes a fallback of the same widths, so that nothing moves when the font comes.
const inter = localFont({
  src: '../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  weight: '100 900',
  variable: '--font-inter',
  display: 'swap',
})
const mono = localFont({
  src: '../node_modules/@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2',
  weight: '400',
  variable: '--font-mono',
  display: 'swap',
  preload: false,
  adjustFontFallback: false,
})

export const metadata: Metadata = { title: 'OXE', description: 'Order execution' }
export const viewport: Viewport = { width: 'device-width', initialScale: 1, viewportFit: 'cover' }

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" data-theme="dark" className={`${inter.variable} ${mono.variable}`} suppressHydrationWarning>
      <head>
        {/* Before the first paint: the theme must not flicker. The build hashes it for the CSP. */}
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of the source, which JSX would escape */}
        <script dangerouslySetInnerHTML={{ __html: themeScript }} />
      </head>
      <body>
        <Look />
        <AuthProvider>{children}</AuthProvider>
      </body>
    </html>
  )
}
