// A request's body as JSON; where it is not JSON, the place at which it stops to be.
import { CohortError } from '@cohort/contracts'

/** Characters shown before and after the place. */
const SHOWN = 20

/** Throws `malformed_json`. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const at = faultAt(text)
    const place = placeOf(text, at)
    const fault = {
      path: '',
      message: at === text.length ? `ends too early, at ${place}` : `is not JSON at ${place}`,
      got: text.slice(Math.max(0, at - SHOWN), at + SHOWN),
    }
    throw new CohortError('malformed_json', `the body: ${fault.message}`, { errors: [fault], cause })
  }
}

function placeOf(text: string, at: number): string {
  let line = 1
  let start = 0
  for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', start)) {
    line += 1
    start = end + 1
  }
  return `line ${line}, column ${at - start + 1}`
}

/** What may come next. */
type Next = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or end' | 'nothing'

const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y
const SPACE = /[\t\n\r ]*/y

/**
 * The position of the first character that cannot follow; the text's length where it ends too early. V8 says
 * it for some errors only. Looks at each character once: a body may have 32 million.
 */
export function faultAt(text: string): number {
  const open: string[] = []
  let next: Next = 'value'
  for (let at = 0; ;) {
    at = after(SPACE, text, at) ?? at
    const character = text[at]
    if (character === undefined) return at
    const isName = next === 'name' || next === 'name or }'
    if (next === ':' && character === ':') [at, next] = [at + 1, 'value']
    else if (isName && character === '"') {
      const end = stringEnd(text, at)
      if (end.fault) return end.at
      ;[at, next] = [end.at, ':']
    } else if (closes(character, next, open)) {
      open.pop()
      ;[at, next] = [at + 1, open.length > 0 ? ', or end' : 'nothing']
    } else if (next === ', or end' && character === ',') {
      ;[at, next] = [at + 1, open.at(-1) === '{' ? 'name' : 'value']
    } else if (next === 'value' || next === 'value or ]') {
      const value = valueAt(text, at, open)
      if (value.fault) return value.at
      ;[at, next] = [value.at, value.next]
    } else return at
  }
}

const closes = (character: string, next: Next, open: readonly string[]): boolean =>
  (character === '}' && open.at(-1) === '{' && (next === ', or end' || next === 'name or }')) ||
  (character === ']' && open.at(-1) === '[' && (next === ', or end' || next === 'value or ]'))

function valueAt(text: string, at: number, open: string[]): { at: number; next: Next; fault: boolean } {
  const done: Next = open.length > 0 ? ', or end' : 'nothing'
  const character = text[at] ?? ''
  if (character === '"') return { ...stringEnd(text, at), next: done }
  if (character === '{' || character === '[') {
    open.push(character)
    return { at: at + 1, next: character === '{' ? 'name or }' : 'value or ]', fault: false }
  }
  const end = after(SCALAR, text, at)
  return { at: end ?? at, next: done, fault: end === undefined }
}

/** The place after the closing quote, or that of the fault. */
function stringEnd(text: string, start: number): { at: number; fault: boolean } {
  for (let at = start + 1; at < text.length;) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return { at: at + 1, fault: false }
    if (code < 0x20) return { at, fault: true }
    const end = code === 0x5c ? after(ESCAPE, text, at) : at + 1
    if (end === undefined) return { at, fault: true }
    at = end
  }
  return { at: text.length, fault: true }
}

function after(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}
