// Who is logged in, for which tenant, and what they may do.

import { api, ApiError, carry } from './api'
import type { Permission } from './may'
import type { Me, Tenant } from './types'

const TENANT = 'callsmith.tenant'

class Session {
  me = $state.raw<Me | null>(null)
  /** the first question to the server is still open */
  asking = $state(true)
  /** the merchant a platform user acts for; null: the own tenant */
  acting = $state.raw<Tenant | null>(null)
  /** why the server could not be asked */
  trouble = $state.raw<ApiError | null>(null)
  /** grows with each answer that says who one is */
  #turn = 0

  may = (permission: Permission): boolean => this.me?.may.includes(permission) ?? false

  mayAny = (permissions: readonly Permission[]): boolean => permissions.length === 0 || permissions.some(this.may)

  async open(): Promise<void> {
    this.asking = true
    this.trouble = null
    const turn = ++this.#turn
    try {
      const me = await api.get<Me>('/session')
      if (turn === this.#turn) this.take(me)
    } catch (why) {
      // Who logged in meanwhile, by a link, stays so: this answer is older.
      if (turn !== this.#turn) return
      if (why instanceof ApiError && why.status === 401) this.take(null)
      else this.trouble = why instanceof ApiError ? why : new ApiError(0, 'offline', String(why))
    } finally {
      this.asking = false
    }
  }

  async login(name: string, password: string): Promise<void> {
    this.take(await api.post<Me>('/session', { name, password }))
  }

  /** A one-time link: 422 `password_needed` asks for a new password. */
  async link(token: string, password?: string): Promise<void> {
    this.take(await api.post<Me>('/session/link', password === undefined ? { token } : { token, password }))
  }

  async logout(): Promise<void> {
    try {
      await api.del('/session')
    } finally {
      this.take(null)
    }
  }

  take(me: Me | null): void {
    this.#turn++
    carry({ csrf: me?.csrf ?? null, lost: () => this.take(null) })
    const wanted = Number(sessionStorage.getItem(TENANT))
    this.act(me?.tenants.find((tenant) => tenant.id === wanted && tenant.id !== me.tenant.id) ?? null)
    this.me = me
  }

  act(tenant: Tenant | null): void {
    if (tenant) sessionStorage.setItem(TENANT, String(tenant.id))
    else sessionStorage.removeItem(TENANT)
    carry({ tenant: tenant?.id ?? null })
    this.acting = tenant
  }
}

export const session = new Session()
