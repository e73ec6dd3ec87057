// The agent's own state: presence, offers, the call, wrap-up. Told by the server; the page only asks.

import { t } from '../i18n/desk'
import { api, ApiError } from './api'
import { feed } from './feed.svelte'
import { line, withLine } from './line.svelte'
import { ring, unlock } from './ring'
import { session } from './session.svelte'
import { attempt, toasts } from './toasts.svelte'
import type { AgentState, DeskMe, Offer, OfferGone, Presence, ScreenPop } from './types'
import { watching } from './watching.svelte'

const GONE: Record<OfferGone['why'], (by: string) => string | null> = {
  taken: (by) => t('offer_taken', { by }),
  timeout: () => t('offer_timeout'),
  ended: () => t('offer_ended'),
  declined: () => null,
}

class Desk {
  me = $state.raw<DeskMe | null>(null)
  mine = $state.raw<AgentState | null>(null)
  offers = $state.raw<readonly Offer[]>([])
  /** what is known of a call that was offered; kept through the call and its wrap-up */
  pops = $state.raw<ReadonlyMap<string, ScreenPop>>(new Map())
  /** a call whose wrap-up ran out before its outcome was set */
  unsettled = $state<string | null>(null)
  /** the call one is in, or was in until the outcome is set */
  call = $state<string | null>(null)
  accepting = $state<string | null>(null)
  error = $state.raw<unknown>(null)
  #offs: (() => void)[] = []
  #settled: string | null = null

  start(): () => void {
    this.#offs = [
      feed.on('desk', (me) => this.#take(me)),
      feed.on('offer', (offer) => this.#offer(offer)),
      feed.on('offer_gone', (gone) => this.#gone(gone)),
      feed.on('agents', (agents) => {
        const mine = agents.find((agent) => agent.user === session.me?.user.id)
        if (mine) this.mine = mine
      }),
      feed.on('resync', () => void this.load()),
    ]
    void this.load()
    return () => {
      for (const off of this.#offs) off()
      ring(false)
      this.me = null
      this.offers = []
    }
  }

  load = async (): Promise<void> => {
    try {
      const me = await api.get<DeskMe>('/desk/me')
      const first = this.me === null
      this.#take(me)
      this.error = null
      // The page was loaded anew in the middle of work: the same call goes on in a new line.
      if (first && line.state === 'off' && ['ready', 'offered', 'on_call'].includes(me.presence) && !session.me?.user.sip_uri) await line.open('talk').catch(() => {})
    } catch (why) {
      this.error = why
    }
  }

  async presence(presence: 'ready' | 'break' | 'offline', phone = false): Promise<void> {
    unlock()
    // An offer may ring while another window is in front.
    if (presence === 'ready' && 'Notification' in window && Notification.permission === 'default') void Notification.requestPermission()
    await attempt(async () => {
      if (presence === 'ready' && !phone) await line.open('talk')
      await withLine(() => api.post('/desk/presence', { presence }))
      if (presence === 'offline' && !watching.call) await line.close()
      await this.load()
    })
  }

  async accept(call: string): Promise<void> {
    if (this.accepting) return
    this.accepting = call
    ring(false)
    try {
      if (watching.call) await watching.leave()
      if (!session.me?.user.sip_uri || line.state !== 'off') await line.open('talk')
      await withLine(() => api.post(`/desk/offers/${encodeURIComponent(call)}/accept`))
      this.call = call
      this.#drop(call)
      if (location.hash !== '#/desk') location.hash = '/desk'
    } catch (why) {
      if (why instanceof ApiError && why.status === 409) {
        const by = (why.body as { error?: { detail?: { by?: string | null } } } | null)?.error?.detail?.by
        if (by) toasts.warn(t('offer_taken', { by }))
        else toasts.fail(why)
        this.#drop(call)
      } else toasts.fail(why)
    } finally {
      this.accepting = null
      ring(this.offers.length > 0)
    }
  }

  /** The outcome ends the wrap-up. */
  async settle(call: string, body: Record<string, unknown>): Promise<void> {
    await api.post(`/desk/calls/${encodeURIComponent(call)}/outcome`, body)
    this.#settled = call
    if (this.unsettled === call) this.unsettled = null
    if (this.call === call) this.call = null
    await this.load()
  }

  async decline(call: string): Promise<void> {
    this.#drop(call)
    await attempt(() => api.post(`/desk/offers/${encodeURIComponent(call)}/decline`))
  }

  async pop(call: string): Promise<ScreenPop | null> {
    const known = this.pops.get(call)
    if (known) return known
    const pop = await api.get<ScreenPop>(`/desk/offers/${encodeURIComponent(call)}`).catch(() => null)
    if (pop) this.pops = new Map([...this.pops, [call, pop]])
    return pop
  }

  #take(me: DeskMe): void {
    const was: Presence | undefined = this.me?.presence
    if (was === 'wrap_up' && me.presence !== 'wrap_up' && this.call && this.call !== this.#settled) this.unsettled = this.call
    this.me = me
    if (me.call) this.call = me.call
    else if (me.presence !== 'wrap_up' && me.presence !== 'on_call') this.call = null
    if (was === 'on_call' && me.presence !== 'on_call') line.mute(false)
    this.offers = me.offers.filter((offer) => offer.call !== this.accepting)
    for (const offer of this.offers) void this.pop(offer.call)
    if (this.call) void this.pop(this.call)
    ring(this.offers.length > 0 && me.presence !== 'on_call')
  }

  #offer(offer: Offer): void {
    if (!this.offers.some((other) => other.call === offer.call)) this.offers = [...this.offers, offer]
    void this.pop(offer.call)
    ring(true)
    if (document.hidden && 'Notification' in window && Notification.permission === 'granted') new Notification(t('offer'), { body: `${offer.lead.name ?? ''} ${offer.reason}`, tag: offer.call })
  }

  #gone(gone: OfferGone): void {
    if (!this.offers.some((offer) => offer.call === gone.call) || this.accepting === gone.call) return
    this.#drop(gone.call)
    const words = GONE[gone.why](gone.by ?? '')
    if (words) toasts.info(words)
  }

  #drop(call: string): void {
    this.offers = this.offers.filter((offer) => offer.call !== call)
    ring(this.offers.length > 0)
  }
}

export const desk = new Desk()
