// The results of calls in both languages, fetched once.

import { api } from '../../lib/api'
import { lang } from '../../i18n/index.svelte'
import type { Disposition } from '../../lib/types'

class Dispositions {
  all = $state.raw<Disposition[]>([])
  #asked = false

  /** Asks once; pages call it when they open. */
  load(): void {
    if (this.#asked) return
    this.#asked = true
    api.get<Disposition[]>('/dispositions').then(
      (all) => (this.all = all),
      () => (this.#asked = false),
    )
  }

  name(code: string | null | undefined): string {
    const found = this.all.find((one) => one.code === code)
    return found ? found[lang.now] : (code ?? '')
  }

  family(code: string | null | undefined): string | null {
    return this.all.find((one) => one.code === code)?.family ?? null
  }
}

export const dispositions = new Dispositions()
