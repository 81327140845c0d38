// SPDX-License-Identifier: Apache-2.0
// The theme and the colours of up and down, on <html> before the first paint and after each change of the settings.
import type { Settings } from './settings'

export function applyLook({ theme, colours }: Pick<Settings, 'theme' | 'colours'>): void {
  const root = document.documentElement
  root.dataset.theme =
    theme === 'system' ? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark') : theme
  root.dataset.colours = colours
}

// The same as plain script, for the head of each page: modules run after the first paint.
export const themeScript = `(function(){var t,c;try{var s=JSON.parse(localStorage.getItem('oxe.settings')).state;t=s.theme;c=s.colours}catch(e){}
var r=document.documentElement;r.dataset.theme=t==='dark'||t==='light'?t:matchMedia('(prefers-color-scheme: light)').matches?'light':'dark';r.dataset.colours=c||'teal-orange'})()`
