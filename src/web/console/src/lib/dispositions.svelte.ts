// The names of dispositions, fetched once.

import { lang } from '../i18n/index.svelte'
import { api } from './api'
import type { Disposition } from './types'

class Dispositions {
  all = $state.raw<readonly Disposition[]>([])
  #asked = false

  /** Fetches the list if nobody did yet. */
  want(): void {
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
