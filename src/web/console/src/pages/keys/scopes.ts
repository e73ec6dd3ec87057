// Which permissions a role may give to a key, as the server's own description of its routes says.

import type { Role } from '../../lib/types'

type OpenApi = { paths: Record<string, Record<string, unknown>> }
const ROLES: readonly Role[] = ['admin', 'ops', 'supervisor', 'agent', 'auditor']

/** permission → the roles that have it; permissions of no route are left to the server to judge */
export function allowed(api: OpenApi): Map<string, Set<Role>> {
  const out = new Map<string, Set<Role>>()
  for (const methods of Object.values(api.paths ?? {})) {
    for (const operation of Object.values(methods)) {
      const said = operation as { 'x-permission'?: string; 'x-roles'?: string[] } | null
      const permission = said?.['x-permission']
      if (!permission?.includes('.')) continue
      out.set(permission, new Set((said?.['x-roles'] ?? []).filter((role): role is Role => (ROLES as readonly string[]).includes(role))))
    }
  }
  return out
}

/** "calls.listen" in groups by what stands before the dot. */
export function grouped(permissions: readonly string[]): [string, string[]][] {
  const out = new Map<string, string[]>()
  for (const permission of permissions) {
    const group = permission.split('.')[0] ?? ''
    out.set(group, [...(out.get(group) ?? []), permission])
  }
  return [...out]
}
