// SPDX-License-Identifier: Apache-2.0
// Asks until there is nothing more to ask for: at once, then after 1.5 s and twice as long each time, up to 15 s. A page that nobody sees
// does not ask; once it is seen it does what it has missed.
const FIRST_MS = 1500
const LAST_MS = 15_000

// `ask` says whether to ask again. The answer ends it; an ask under way then runs to its end.
export function askAgain(ask: () => Promise<boolean>): () => void {
  let over = false
  let waitMs = FIRST_MS
  let timer: ReturnType<typeof setTimeout> | undefined
  const turn = async () => {
    if (document.hidden) return document.addEventListener('visibilitychange', turn, { once: true })
    if (!(await ask()) || over) return
    timer = setTimeout(turn, waitMs)
    waitMs = waitMs * 2 < LAST_MS ? waitMs * 2 : LAST_MS
  }
  void turn()
  return () => {
    over = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', turn)
  }
}
