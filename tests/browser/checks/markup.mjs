// Markup in every name that people may choose: it is shown as text, wherever it is shown.

import { holds } from '../lib/report.mjs'
import { DIALPLAN, mark, PASSWORD } from '../lib/stage.mjs'

export async function markup(world, { api, people }, calls, report) {
  const { boss } = people
  await report.check('markup in lists, names, notes and typed lines is text on every page', async (figures) => {
    // The session of the first link, or the login form.
    await boss.page.goto(`${world.base}/#/`)
    if (await boss.page.locator('input[type=password]').count()) {
      await boss.page.locator('input').first().fill('admin')
      await boss.page.locator('input[type=password]').fill(PASSWORD)
      await boss.page.locator('button[type=submit]').click()
    }
    await boss.page.locator('nav').first().waitFor()
    const contact = await leaveMarks(api, calls)
    const pages = [
      ...['/live', '/calls', '/campaigns', '/contacts', '/desk?tab=agents', '/desk?tab=mine', '/dialplans', '/dnc', '/follow_ups', '/keys', '/lists/upload', '/me', '/qc', '/qc?tab=words', '/rehearse', '/stats', '/tenants', '/users', '/webhooks', '/audit'],
      ...calls.flatMap((one) => [`/calls/${encodeURIComponent(one.call)}`, `/campaigns/${one.campaign}`, `/campaigns/${one.campaign}?tab=leads`]),
      ...['', '?tab=text', '?tab=versions', '?tab=suggestions'].map((tab) => `/dialplans/${DIALPLAN}${tab}`),
      `/contacts/${contact}`,
    ]
    let shown = 0
    for (const page of pages) {
      await boss.page.evaluate((to) => (location.hash = to), page)
      await boss.page.locator('h1').first().waitFor()
      await boss.page.waitForLoadState('networkidle')
      shown += await boss.page.evaluate(() => (document.body.innerText.match(/__xss=/g) ?? []).length)
    }
    figures.pages = pages.length
    figures.marks_shown_as_text = shown
    holds(shown > 20, `only ${shown} marks were shown: the pages were not really tried`)
  })

  for (const person of Object.values(people).filter((one) => !one.dead)) {
    await report.check(`nothing ran and nothing was let in at ${person.name}’s page`, async (figures) => {
      const harm = await person.harm()
      Object.assign(figures, { ...harm, page_errors: person.errors.length })
      holds(harm.xss === null, `markup ran: mark ${harm.xss}`)
      // The player's library tries a style element of its own; styles are nobody's markup here.
      const blocked = harm.blocked.filter((one) => !one.startsWith('style-src'))
      holds(harm.marks === 0 && blocked.length === 0, `markup became elements, or the policy had to step in: ${blocked.join('; ')}`)
      holds(harm.dialogs.length === 0, `a dialog opened: ${harm.dialogs}`)
    })
  }
}

/** Markup where only the API lets it in: notes, tags, words, reasons, keys. What is refused is harmless too. */
async function leaveMarks(api, calls) {
  const leave = (path, body) =>
    api.post(path, body).catch((why) => {
      if (!/: (409|422) /.test(why.message)) throw why
    })
  for (const { call } of calls) await leave(`/calls/${encodeURIComponent(call)}/notes`, { text: mark(), score: 50, at_ms: 100 })
  await leave('/qc/words', { word: mark(), lang: 'en', kind: 'sensitive' })
  await leave('/dnc', { phone: '+8613900139001', reason: mark() })
  await leave('/keys', { name: mark(), role: 'auditor', scopes: [] })
  await leave('/tenants', { name: mark(), kind: 'merchant', mode: 'managed' })
  const { items } = await api.get('/contacts')
  const { contact } = items[0]
  await leave(`/contacts/${contact}/tags`, { tag: mark() })
  return contact
}
