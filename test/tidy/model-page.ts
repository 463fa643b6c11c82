// docs/reference/model.md, from the schemas; what an option needs is asked of validation. Used by reference.ts
import {
  CohortError,
  DEFAULT_LIMITS,
  Learning,
  Model,
  ModelInfo,
  ModelOptions,
  RowSection,
} from '@cohort/contracts'
import { validateModel } from '@cohort/inference'

/** What of a schema the page shows. */
interface Shown {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly enum?: readonly unknown[]
  readonly items?: Shown
  readonly anyOf?: readonly Shown[]
  readonly properties?: Readonly<Record<string, Shown>>
  readonly required?: readonly string[]
}

const fieldsOf = (schema: object): [string, Shown][] => Object.entries((schema as Shown).properties ?? {})

/** The options in the order of the schema: a part begins with the one that it names. */
const PARTS: readonly (readonly [first: string, title: string])[] = [
  ['inference', 'Inference'],
  ['planning', 'Planning'],
  ['gamma', 'Choosing'],
  ['learning', 'Learning'],
  ['matchPymdp', 'Like pymdp'],
]

export const modelPage = (): readonly string[] => [
  '# A model and its options',
  '',
  'Made from `libs/contracts/src/model.ts`, `model-options.ts` and `model-info.ts` by ' +
    '`npm run docs`. What the options do,',
  'formula by formula, and which of them do not go together is in [inference.md](../inference.md#refused-not-ignored).',
  '',
  '`PUT /v1/models` takes one JSON object. `A` and `B` are always given; all else may be left out.',
  'In the shapes, `m` is a modality, `f` a factor, `t` a time, all counted from 0; a ' +
    'matrix is lists in lists, its columns',
  '(over the first axis) sum to 1 ± 1e-6.',
  '',
  ...table(['field', 'shape', 'meaning'], fieldsOf(Model).map(modelRow)),
  '',
  '## Options',
  '',
  'All of them stand in the field `options` and may be left out: the default then counts. ' +
    '"Only with": elsewhere the option',
  'is refused, unless it has its default. `learning: {"A": {}}` learns A with the ' +
    'defaults; what is not named is not learned.',
  ...parts().flatMap(([title, fields]) => ['', `### ${title}`, '', ...optionsTable(fields)]),
  '',
  '## What PUT answers',
  '',
  ...table(['field', 'meaning'], fieldsOf(ModelInfo).flatMap(infoRows)),
  '',
  'A section of `row`:',
  '',
  ...table(['field', 'meaning'], fieldsOf(RowSection).flatMap(infoRows)),
]

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)

const code = (text: string): string => `\`${text}\``

/** A schema's own description, or that of what its list holds. */
const described = ({ description, items, anyOf }: Shown): string =>
  description ?? (items === undefined ? (anyOf ?? []).map(described).join('') : described(items))

/** `A[m][outcome]: meaning` → shape, meaning. */
function modelRow([name, schema]: readonly [string, Shown]): string[] {
  if (name === 'options') return [code(name), '', '[below](#options)']
  const [, shape = '', meaning = ''] = /^(.*?): (.*)$/.exec(described(schema)) ?? []
  return [code(name), shape.replaceAll(/\w+(?:\[[^\]]+\])+/g, code), meaning]
}

function parts(): [string, [string, Shown][]][] {
  const found: [string, [string, Shown][]][] = []
  for (const field of fieldsOf(ModelOptions)) {
    const begins = PARTS.find(([first]) => first === field[0])
    if (begins !== undefined) found.push([begins[1], []])
    found.at(-1)?.[1].push(field)
  }
  return found
}

function optionsTable(fields: readonly (readonly [string, Shown])[]): string[] {
  const rows = fields.flatMap(([name, schema]) =>
    name === 'learning' ? fieldsOf(Learning).flatMap(learningRows) : [optionRow(name, schema)],
  )
  return table(['option', 'default', 'may be', 'meaning', 'only with'], rows)
}

const optionRow = (name: string, schema: Shown): string[] => [
  code(name),
  schema.default === undefined ? '' : code(String(schema.default)),
  boundsOf(schema),
  described(schema),
  neededBy(name, schema).map(code).join(', '),
]

function learningRows([name, schema]: readonly [string, Shown]): string[][] {
  if (schema.properties === undefined)
    return [optionRow(`learning.${name}`, schema).with(4, '`learning.A` or `.B`')]
  return Object.entries(schema.properties).map(([own, inner]) =>
    optionRow(`learning.${name}.${own}`, inner).with(4, code(`p${name}`)),
  )
}

function infoRows([name, schema]: readonly [string, Shown]): string[][] {
  const inner = Object.entries(schema.properties ?? {})
  if (inner.length > 0) return inner.flatMap(([own, field]) => infoRows([`${name}.${own}`, field]))
  return [[code(name), described(schema) + named(schema)]]
}

const named = ({ enum: values }: Shown): string =>
  values === undefined ? '' : `One of ${values.map((value) => code(String(value))).join(' ')}`

function boundsOf(schema: Shown): string {
  const { type, enum: values, minimum, exclusiveMinimum, maximum } = schema
  if (values !== undefined) return values.map((value) => code(String(value))).join(' ')
  if (type === 'boolean') return '`true` `false`'
  if (type === 'array') return 'a list of indices'
  const least = exclusiveMinimum === undefined ? `${minimum}` : `above ${exclusiveMinimum}`
  const range = maximum === undefined ? `${least} or more` : `${least} to ${maximum}`
  return type === 'integer' ? `${range}, whole` : range
}

/** Where an option may mean nothing: between them they are all that the options' own conditions ask about. */
const PLACES: readonly ModelOptions[] = [
  {},
  { inference: 'exact' },
  { inference: 'messagePassing' },
  { inference: 'messagePassing', gradientDescent: false },
  { computeVfe: false },
  { planning: 'sophisticated' },
]

/** What the checks of a model say that an option is of no use without. */
function neededBy(name: string, schema: Shown): string[] {
  const other = otherThan(schema)
  if (other === undefined) return []
  const faults = PLACES.flatMap((place) => faultsOf({ ...place, [name]: other }))
  const needed = faults.flatMap(({ path, message }) =>
    path === `options.${name}` ? [...message.matchAll(/^is of no use without (.*)$/g)] : [],
  )
  return [...new Set(needed.map(([, what = '']) => what))]
}

function faultsOf(options: ModelOptions) {
  try {
    validateModel({ A: [[[1]]], B: [[[[1]]]], options }, DEFAULT_LIMITS)
    return []
  } catch (error) {
    if (!(error instanceof CohortError)) throw error
    return error.errors ?? []
  }
}

/** A value in bounds that is not the default. */
function otherThan({ default: own, enum: values, type }: Shown): unknown {
  if (typeof own === 'boolean') return !own
  if (values !== undefined) return values.find((value) => value !== own)
  if (typeof own !== 'number') return undefined
  return type === 'integer' ? own + 1 : own === 0 ? 1 : own / 2
}
