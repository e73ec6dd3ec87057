// What was checked, with its figures: a table for people and one line of JSON for programs.

export class Report {
  checks = []
  /** Who heard whom, one row for each way of taking part and listener. */
  matrix = []

  /** Runs a check; it gives its figures, or throws what does not hold. */
  async check(name, run) {
    const began = Date.now()
    const figures = {}
    let failure = null
    try {
      await run(figures)
    } catch (why) {
      failure = why.message
    }
    this.checks.push({ name, ok: failure === null, ...(failure === null ? {} : { failure }), figures, took_ms: Date.now() - began })
    console.log(`${failure === null ? 'ok  ' : 'FAIL'} ${name}${failure === null ? '' : `: ${failure}`}`)
    return failure === null
  }

  heard(mode, who, levels) {
    this.matrix.push({ mode, who, ...levels })
  }

  get ok() {
    return this.checks.length > 0 && this.checks.every((check) => check.ok)
  }

  print(took_ms) {
    const columns = ['callee', 'ann', 'bob', 'sue', 'rest']
    const cell = (db) => (db === undefined ? '–' : db > SOUND_DB ? `${db.toFixed(1)} ♪` : db.toFixed(1))
    console.log('\nWho hears whom (dBFS; ♪ = heard; rest = all that is no tone, a voice)')
    table([['', 'listener', 'callee', 'agent Ann', 'agent Bob', 'supervisor', 'rest'], ...this.matrix.map((row) => [row.mode, row.who, ...columns.map((column) => cell(row[column]))])])
    console.log('\nChecks')
    table([['', 'check', 'figures'], ...this.checks.map((check) => [check.ok ? 'ok' : 'FAIL', check.name, words(check.figures)])])
    console.log(`\n${JSON.stringify({ ok: this.ok, took_ms, checks: this.checks, matrix: this.matrix })}`)
  }
}

/** Louder than this is heard; tones are at −20 dBFS. */
export const SOUND_DB = -35
/** Quieter than this is not there at all. */
export const SILENT_DB = -55

/** Throws unless exactly these are heard, and the others not at all. */
export function hearsJust(levels, wanted) {
  for (const [name, db] of Object.entries(levels)) {
    if (name === 'rest') continue
    if (wanted.includes(name) && db < SOUND_DB) throw new Error(`${name} is not heard: ${db} dBFS`)
    if (!wanted.includes(name) && db > SILENT_DB) throw new Error(`${name} is heard: ${db} dBFS`)
  }
}

export function holds(truth, message) {
  if (!truth) throw new Error(message)
}

function words(figures) {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(' · ')
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => [...String(row[column])].length)))
  for (const row of rows) console.log(`  ${row.map((text, column) => text + ' '.repeat(widths[column] - [...text].length)).join('  ').trimEnd()}`)
}
