// Countries a list may come from, in the language of the page.

import { lang } from '../../i18n/index.svelte'

const CODES = ['CN', 'US', 'GB', 'IN', 'HK', 'TW', 'MO', 'SG', 'MY', 'AU', 'CA', 'NZ', 'IE', 'PH', 'TH', 'VN', 'ID', 'JP', 'KR', 'AE', 'ZA', 'DE', 'FR', 'ES', 'IT', 'NL', 'MX', 'BR']

export function countries(): { value: string; text: string }[] {
  const names = new Intl.DisplayNames([lang.now === 'zh' ? 'zh-CN' : 'en'], { type: 'region' })
  return CODES.map((value) => ({ value, text: `${names.of(value) ?? value} (${value})` }))
}
