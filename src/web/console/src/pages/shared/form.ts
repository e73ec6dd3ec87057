// Failures of a form: at the field the server names, else in the corner.

import { ApiError } from '../../lib/api'
import { toasts } from '../../lib/toasts.svelte'

export type FieldErrors = Record<string, string>

/** Runs what a form sends. The answer, or null with the errors put into `errors`. */
export async function submit<T>(errors: FieldErrors, fields: readonly string[], send: () => Promise<T>): Promise<{ answer: T } | null> {
  for (const key of Object.keys(errors)) delete errors[key]
  try {
    return { answer: await send() }
  } catch (why) {
    if (why instanceof ApiError && why.field) {
      // "dialplans[0]" and "lead.name" belong to the field they begin with.
      const field = fields.find((one) => why.field === one || why.field?.startsWith(`${one}[`) || why.field?.startsWith(`${one}.`))
      if (field) {
        errors[field] = why.message
        return null
      }
    }
    toasts.fail(why)
    return null
  }
}

/** "a, b，c" → ["a","b","c"] */
export const words = (text: string): string[] => [...new Set(text.split(/[,，、;；\n]/).map((word) => word.trim()).filter(Boolean))]
