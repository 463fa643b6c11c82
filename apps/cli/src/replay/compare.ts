// Compares what a kernel computed with what a golden file says, field by field, each within its tolerance.
import type { Values } from './golden-file.js'

/** One field that is apart: its worst place. */
export interface Difference {
  readonly field: string
  readonly got: unknown
  readonly expected: unknown
}

export interface Comparison {
  /** The largest error of any number, relative to max(1, |expected|). */
  readonly maxError: number
  readonly differences: readonly Difference[]
}

/** From independent double-precision implementations, which agree a hundred times better; 0: exactly. */
const TOLERANCES: Readonly<Record<string, number>> = {
  t: 0,
  observation: 0,
  policies: 0,
  n_iter: 0,
  action: 0,
  prior: 1e-12,
  qs: 1e-12,
  q_pi: 1e-12,
  action_marginals: 1e-12,
  action_margin: 1e-12,
  G: 1e-10,
  G_terms: 1e-10,
  F_pi: 1e-10,
  vfe: 1e-10,
  vfe_trace: 1e-10,
  action_probs_stochastic: 1e-11,
  policy_probs_stochastic: 1e-11,
  pA: 1e-13,
  pB: 1e-13,
  pD: 1e-13,
  A: 1e-13,
  B: 1e-13,
  D: 1e-13,
  I: 0,
  qs_pi: 1e-12,
  qo_pi: 1e-12,
  expected_utility: 1e-10,
  states_info_gain: 1e-10,
  pA_info_gain: 1e-10,
  pB_info_gain: 1e-10,
  qs_seq: 1e-12,
  F: 1e-10,
}

/** The first field of `expected` that nothing here knows how to compare. */
export const unknownField = (expected: Values): string | undefined =>
  Object.keys(expected).find((field) => !Object.hasOwn(TOLERANCES, field))

/** Every field of `expected`; one that `got` lacks is a difference. */
export function compare(got: Values, expected: Values): Comparison {
  const fields = Object.keys(expected).map((field) => compareField(field, got[field], expected[field]))
  return {
    maxError: Math.max(0, ...fields.map(({ error }) => error).filter(Number.isFinite)),
    differences: fields.filter(({ field, error }) => error > (TOLERANCES[field.split(/[[.]/)[0] ?? ''] ?? 0)),
  }
}

interface FieldError extends Difference {
  readonly error: number
}

/** The worst place in a field: numbers by their relative error, anything else, a wrong shape too, exactly. */
function compareField(field: string, got: unknown, expected: unknown): FieldError {
  if (typeof expected === 'number' && typeof got === 'number') {
    const error = Math.abs(got - expected) / Math.max(1, Math.abs(expected))
    return { field, got, expected, error: Number.isNaN(error) ? Infinity : error }
  }
  const inner = placesIn(field, got, expected)
  if (inner === undefined) return { field, got, expected, error: got === expected ? 0 : Infinity }
  const errors = inner.map((place) => compareField(place.field, place.got, place.expected))
  return errors.reduce((worst, next) => (next.error > worst.error ? next : worst), {
    field,
    got,
    expected,
    error: 0,
  })
}

/** What stands at the same places of two arrays of one length, or two objects; undefined otherwise. */
function placesIn(field: string, got: unknown, expected: unknown): Difference[] | undefined {
  if (Array.isArray(got) && Array.isArray(expected) && got.length === expected.length) {
    return expected.map((value: unknown, i) => ({
      field: `${field}[${i}]`,
      got: got[i] as unknown,
      expected: value,
    }))
  }
  if (!isObject(got) || !isObject(expected)) return undefined
  return Object.entries(expected).map(([name, value]) => ({
    field: `${field}.${name}`,
    got: got[name],
    expected: value,
  }))
}

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
