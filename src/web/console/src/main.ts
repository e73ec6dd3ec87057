import './design/tokens.css'
import './design/base.css'
import { mount } from 'svelte'
import App from './app/App.svelte'
import { lang } from './i18n/index.svelte'
import { theme } from './lib/theme.svelte'

theme.show()
lang.show()
// A page fetched after an upgrade may no longer be there under its old name: the new index knows the new one.
addEventListener('vite:preloadError', () => {
  const key = 'callsmith.reloaded'
  const last = Number(sessionStorage.getItem(key))
  if (Date.now() - last < 10_000) return
  sessionStorage.setItem(key, String(Date.now()))
  location.reload()
})
mount(App, { target: document.getElementById('app') as HTMLElement })
