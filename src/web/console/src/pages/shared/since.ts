/** Midnight so many days ago; undefined for all time. */
export function since(days: number | null, now = Date.now()): number | undefined {
  return days === null ? undefined : new Date(now).setHours(0, 0, 0, 0) - days * 86_400_000
}
