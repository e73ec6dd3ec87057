// Dark and light: the system's choice unless the person chose.

export type Theme = 'system' | 'light' | 'dark'

const KEY = 'callsmith.theme'
const system = matchMedia('(prefers-color-scheme: dark)')

class Themes {
  chosen = $state<Theme>(read())
  #systemDark = $state(system.matches)
  dark = $derived(this.chosen === 'dark' || (this.chosen === 'system' && this.#systemDark))

  constructor() {
    system.addEventListener('change', () => (this.#systemDark = system.matches))
  }

  set(theme: Theme): void {
    this.chosen = theme
    localStorage.setItem(KEY, theme)
    this.show()
  }

  show(): void {
    if (this.chosen === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = this.chosen
  }
}

function read(): Theme {
  const kept = localStorage.getItem(KEY)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

export const theme = new Themes()

/** The colour a token has now, as the browser computes it: for canvas drawing, which knows no custom properties. Read `theme.dark` beside it to draw again. */
export function colour(token: `--${string}`): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${token})`
  probe.hidden = true
  document.body.append(probe)
  const found = getComputedStyle(probe).color
  probe.remove()
  return found
}
