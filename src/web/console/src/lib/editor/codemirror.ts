// The text editor: CodeMirror with YAML, the checker's marks and completion by the schema. Loaded when first needed.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { Compartment, EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { Finding } from '../types'
import { hints, type Schema } from './schema'

export type Editor = {
  text: () => string
  set: (text: string) => void
  mark: (findings: Finding[]) => void
  /** puts the cursor there (line and column from 1) and shows it */
  reveal: (line: number, column: number, len?: number) => void
  look: (look: Look) => void
  destroy: () => void
}
export type Look = { dark: boolean; phrases: Record<string, string> }
type Options = { root: ShadowRoot; text: string; label: string; readOnly: boolean; look: Look; schema: () => Schema | null; changed: (text: string) => void }

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent-text)', fontWeight: '600' },
  { tag: tags.comment, color: 'var(--text-3)', fontStyle: 'italic' },
  { tag: [tags.string, tags.content], color: 'var(--text)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--info)' },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: 'var(--text-3)' },
  { tag: [tags.labelName, tags.typeName, tags.meta], color: 'var(--human)' },
])

const frame = {
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '13px' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6' },
  '.cm-content': { caretColor: 'var(--accent)', padding: '8px 0 40vh' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--sunk)', color: 'var(--text-3)', border: 'none', borderRight: '1px solid var(--line)' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent-soft) 35%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--accent-soft)', color: 'var(--accent-text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--warn-soft)' },
  '.cm-searchMatch': { backgroundColor: 'var(--warn-soft)', outline: '1px solid var(--warn)' },
  '.cm-tooltip, .cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line)', fontFamily: 'var(--font)' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-completionDetail': { color: 'inherit', opacity: '0.75', fontStyle: 'normal', marginLeft: '1em' },
  '.cm-diagnostic': { padding: '6px 10px', whiteSpace: 'pre-line' },
  '.cm-diagnostic-error': { borderLeft: '4px solid var(--bad)' },
  '.cm-diagnostic-warning': { borderLeft: '4px solid var(--warn)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad) 1.5px', textUnderlineOffset: '3px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warn) 1.5px', textUnderlineOffset: '3px' },
  '.cm-panel input, .cm-panel button': { font: 'inherit', fontSize: '12px', color: 'inherit', background: 'var(--surface)', backgroundImage: 'none', border: '1px solid var(--field-line)', borderRadius: '5px', padding: '3px 7px' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--sunk)', borderColor: 'var(--line)', color: 'var(--text-2)' },
}

export function edit(options: Options): Editor {
  const looks = new Compartment()
  const look = (now: Look) => [EditorView.theme(frame, { dark: now.dark }), EditorState.phrases.of(now.phrases)]
  const view = new EditorView({
    root: options.root,
    parent: options.root,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        lineNumbers(),
        foldGutter(),
        lintGutter(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        indentOnInput(),
        indentUnit.of('  '),
        bracketMatching(),
        closeBrackets(),
        search({ top: true }),
        yaml(),
        syntaxHighlighting(colours),
        EditorView.lineWrapping,
        autocompletion({ override: [(at) => complete(at, options.schema())], icons: false }),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ 'aria-label': options.label, spellcheck: 'false' }),
        EditorView.updateListener.of((update) => update.docChanged && options.changed(update.state.doc.toString())),
        EditorState.readOnly.of(options.readOnly),
        looks.of(look(options.look)),
      ],
    }),
  })
  return {
    text: () => view.state.doc.toString(),
    set: (text) => {
      if (text !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
    },
    mark: (findings) => view.dispatch(setDiagnostics(view.state, findings.map((finding) => diagnostic(view.state, finding)))),
    reveal: (line, column, len = 0) => {
      const { from, to } = range(view.state, line, column, len)
      view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: 'center' }) })
      view.focus()
    },
    look: (now) => view.dispatch({ effects: looks.reconfigure(look(now)) }),
    destroy: () => view.destroy(),
  }
}

function range(state: EditorState, line: number, column: number, len: number): { from: number; to: number } {
  const at = state.doc.line(Math.min(Math.max(1, line), state.doc.lines))
  const from = Math.min(at.from + Math.max(0, column - 1), at.to)
  return { from, to: Math.min(from + Math.max(0, len), at.to) }
}

function diagnostic(state: EditorState, finding: Finding): Diagnostic {
  const { from, to } = range(state, finding.line, finding.column, Math.max(1, finding.len))
  return { from, to, severity: finding.severity, message: finding.advice ? `${finding.message}\n${finding.advice}` : finding.message }
}

function complete(at: CompletionContext, schema: Schema | null): CompletionResult | null {
  if (!schema) return null
  const line = at.state.doc.lineAt(at.pos)
  const before = line.text.slice(0, at.pos - line.from)
  if (!at.explicit && !/[\w-]$/.test(before)) return null
  const found = hints(schema, at.state.doc.toString().split('\n'), line.number - 1, before)
  if (!found || found.options.length === 0) return null
  return {
    from: line.from + found.from,
    options: found.options.map((hint) => ({ label: hint.label, detail: hint.detail.slice(0, 70), apply: hint.kind === 'key' ? `${hint.label}: ` : hint.label })),
    validFor: /^[\w-]*$/,
  }
}
