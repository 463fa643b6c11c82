// How a fault, its numbers and its values are put into words.
import type { Fault } from '../errors.js'

const SHOWN_CHARACTERS = 120

/** A fault as a person reads it: `B[0][:,3,1] sums to 0.98, expected 1 ± 1e-6`. */
export function faultSaid({ path, message, got, expected }: Fault): string {
  const place = path === '' ? 'the body' : path
  const short = shown(got)
  // What is an array or an object is told as JSON: too long for a sentence.
  const known = got === undefined || message.includes(String(got)) || /^[[{]/.test(String(short))
  const gives = known ? '' : `, got ${JSON.stringify(short)}`
  const needs = expected === undefined || message.includes(expected) ? '' : `, expected ${expected}`
  return `${place} ${message}${gives}${needs}`
}

/** The first of them, and how many more there are. */
export function faultsSaid([first, ...more]: readonly Fault[]): string {
  if (first === undefined) return 'it is not as it should be'
  // TypeBox stops at eight: there may be more than were found.
  const least = more.length >= 7 ? 'at least ' : ''
  return `${faultSaid(first)}${more.length === 0 ? '' : `; and ${least}${more.length} more`}`
}

/** A value as it is echoed to a caller: never more than a line of it. */
export function shown(value: unknown): unknown {
  if (value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean')
    return value
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? typeof value)
  return text.length <= SHOWN_CHARACTERS
    ? typeof value === 'string'
      ? value
      : text
    : `${text.slice(0, SHOWN_CHARACTERS)}…`
}

/** `1 step`, `2 steps`. */
export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${count} ${count === 1 ? one : several}`

/** A sum without what adding up in binary leaves at its end: 0.9, not 0.8999999999999999. */
export const rounded = (sum: number): number => Number(sum.toPrecision(12))

/** `a, b or c`. */
export const either = (values: readonly unknown[]): string =>
  values.length < 2 ? values.join() : `${values.slice(0, -1).join(', ')} or ${String(values.at(-1))}`
