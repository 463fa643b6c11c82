// Checks values at a border, against a schema or as a distribution, and says what is wrong and where.
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Fault } from './errors.js'
import { either, rounded, shown } from './fault/said.js'
import { expectedInstead, valueInstead } from './fault/unknown-field.js'
import { MOST_FAULTS, MOST_FIELDS } from './limits.js'

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/**
 * Compiles a schema once; the returned function checks values of any origin. What is far too large is refused before
 * the schema sees it: its search for equal items takes the square of their number, its search for faults looks at each.
 */
export function checker<S extends TSchema>(schema: S): (value: unknown) => Checked<Static<S>> {
  const compiled = Compile(schema)
  const bounds = boundsOf(schema)
  return (value) => {
    const excess = excessOf(value, bounds)
    if (excess.length > 0) return { ok: false, faults: excess }
    return compiled.Check(value)
      ? { ok: true, value: value as Static<S> }
      : { ok: false, faults: faultsOf(compiled.Errors(value), { value, schema }) }
  }
}

/** What of a message has a bound: an array its items, every object within objects its fields. */
interface Bounds {
  readonly maxItems: number | undefined
  readonly fields: readonly (readonly [name: string, bounds: Bounds])[]
}

interface Shape {
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Shape>>
  readonly anyOf?: readonly Shape[]
}

function boundsOf({ maxItems, properties = {}, anyOf = [] }: Shape): Bounds {
  const own = Object.entries(properties).map(([name, shape]) => [name, boundsOf(shape)] as const)
  return { maxItems, fields: [...own, ...anyOf.flatMap((shape) => boundsOf(shape).fields)] }
}

function excessOf(value: unknown, { maxItems, fields }: Bounds, path = ''): Fault[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) {
    if (maxItems === undefined || value.length <= maxItems) return []
    return [{ path, message: 'has too many items', got: value.length, expected: `at most ${maxItems} items` }]
  }
  if (hasMoreFields(value, MOST_FIELDS))
    return [{ path, message: 'has too many fields', expected: `at most ${MOST_FIELDS} fields` }]
  const given = value as Readonly<Record<string, unknown>>
  return fields.flatMap(([name, bounds]) =>
    Object.hasOwn(given, name) ? excessOf(given[name], bounds, inside(path, name)) : [],
  )
}

function hasMoreFields(fields: object, most: number): boolean {
  let seen = 0
  for (const _ in fields) if (++seen > most) return true
  return false
}

interface SchemaError {
  readonly keyword: string
  readonly instancePath: string
  readonly params: object
  readonly message: string
}

interface Told {
  readonly value: unknown
  readonly schema: TSchema
}

/**
 * Never empty. Unknown fields first: a misspelt name is more telling than that the right one is missing. TypeBox stops
 * at eight errors, so that of many unknown fields the first eight are named.
 */
function faultsOf(errors: readonly SchemaError[], told: Told): Fault[] {
  const faults = new Map<string, Fault>()
  for (const error of errors) {
    if (faults.size >= MOST_FAULTS) break
    for (const fault of faultOf(error, told)) if (!faults.has(fault.path)) faults.set(fault.path, fault)
  }
  // How many errors TypeBox gathers is a setting of the whole process: with none the value is refused all the same.
  if (faults.size === 0) return [{ path: '', message: 'does not fit its schema' }]
  return [...faults.values()].sort((one, other) => Number(isUnknown(other)) - Number(isUnknown(one)))
}

const UNKNOWN = 'is an unknown field'
const isUnknown = ({ message }: Fault): boolean => message === UNKNOWN

function faultOf({ keyword, instancePath, params, message }: SchemaError, { value, schema }: Told): Fault[] {
  const named = params as Record<string, unknown>
  const at = dotted(instancePath)
  // The `false` schema of an unknown field: an error a field, before the one of their object, which the limit may cut.
  if (keyword === 'boolean') {
    const keys = keysOf(instancePath)
    const name = keys.pop() ?? ''
    const expected = expectedInstead(schema, dottedKeys(keys), name)
    return [{ path: String(shown(at)), message: UNKNOWN, expected }]
  }
  if (keyword === 'additionalProperties') return []
  if (keyword === 'required') {
    return (named['requiredProperties'] as string[]).map((name) => ({
      path: inside(at, name),
      message: 'is missing',
      expected: 'a value',
    }))
  }
  const got = shown(lookUp(value, instancePath))
  if (keyword === 'enum') {
    const allowed = named['allowedValues'] as unknown[]
    const expected = either(allowed)
    const meant = valueInstead(got, allowed)
    return [{ path: at, message: `must be ${expected}`, got, expected: String(meant ?? expected) }]
  }
  const bound = named['limit'] ?? Object.values(named)[0]
  const words = IN_WORDS[keyword]
  const expected =
    bound === undefined ? keyword : `${words ?? keyword} ${words ? String(bound) : JSON.stringify(bound)}`
  return [{ path: at, message, got, expected }]
}

/** What a schema’s bounds are to a person. */
const IN_WORDS: Readonly<Record<string, string>> = {
  type: 'a value of type',
  minimum: 'at least',
  maximum: 'at most',
  exclusiveMinimum: 'above',
  minItems: 'at least so many items:',
  maxItems: 'at most so many items:',
}

const inside = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

/** JSON pointer `/a/0/b` → `a[0].b`, as a person writes it. */
const dotted = (pointer: string): string => dottedKeys(keysOf(pointer))

const keysOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

const dottedKeys = (keys: readonly string[]): string =>
  keys.reduce((path, key) => (/^\d+$/.test(key) ? `${path}[${key}]` : inside(path, key)), '')

function lookUp(value: unknown, pointer: string): unknown {
  let at = value
  for (const key of keysOf(pointer)) at = (at as Record<string, unknown> | null | undefined)?.[key]
  return at
}

/** How far from 1 probabilities may sum; they are then used as they are, not normalised again, as pymdp does. */
export const SUM_TOLERANCE = 1e-6

/** What keeps numbers from being a distribution; undefined where they are one. */
export function distributionFault(
  values: ArrayLike<number>,
): { readonly message: string; readonly got: number; readonly expected: string } | undefined {
  let sum = 0
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? Number.NaN
    if (!(value >= 0 && value < Infinity))
      return { message: `has ${value} at ${i}`, got: value, expected: 'probabilities' }
    sum += value
  }
  if (Math.abs(sum - 1) <= SUM_TOLERANCE) return undefined
  return { message: `sums to ${rounded(sum)}`, got: rounded(sum), expected: '1 ± 1e-6' }
}
