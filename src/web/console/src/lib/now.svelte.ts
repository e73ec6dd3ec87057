// A clock that pages may show: one timer for all, running only while somebody looks.

import { createSubscriber } from 'svelte/reactivity'

function ticking(every: number): { readonly ms: number } {
  const subscribe = createSubscriber((update) => {
    const timer = setInterval(update, every)
    return () => clearInterval(timer)
  })
  return {
    get ms() {
      subscribe()
      return Date.now()
    },
  }
}

/** the time, told every second */
export const second = ticking(1_000)
/** the time, told every half minute */
export const halfMinute = ticking(30_000)
