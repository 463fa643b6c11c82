// What to write instead of a field that a schema does not know: the same name as we spell it, or pymdp's name.
import type { TSchema } from 'typebox'
import { nearest } from './nearest.js'

/** Names of pymdp's `Agent` that are not ours in another spelling. */
const ALIASES: Readonly<Record<string, string>> = {
  inference_algo: 'options.inference',
  inference_horizon: 'options.window',
  grad_descent: 'options.gradientDescent',
  sophisticated: 'options.planning',
  si_horizon: 'options.horizon',
  si_policy_prune_threshold: 'options.policyPruneThreshold',
  si_state_prune_threshold: 'options.outcomePruneThreshold',
  si_prune_penalty: 'options.prunePenalty',
  ii_depth: 'options.inductiveDepth',
  ii_threshold: 'options.inductiveThreshold',
  control_fac_idx: 'options.controllable',
  lr_pA: 'options.learning.A.rate',
  lr_pB: 'options.learning.B.rate',
  lr_pD: 'options.learning.D.rate',
  learn_A: 'options.learning.A',
  learn_B: 'options.learning.B',
  learn_D: 'options.learning.D',
  modalities_to_learn: 'options.learning.A.only',
  factors_to_learn: 'options.learning.B.only',
  learn_E: 'options.learning.E',
  inductive_depth: 'options.inductiveDepth',
  inductive_threshold: 'options.inductiveThreshold',
  A_factor_list: 'A_dependencies',
  B_factor_list: 'B_dependencies',
}

/** pymdp's names of what an option may be. */
const VALUES: Readonly<Record<string, string>> = {
  vanilla: 'fixedPoint',
  fpi: 'fixedPoint',
  mmp: 'messagePassing',
}

/** Of the values that are allowed the one that pymdp calls so; undefined where there is none. */
export function valueInstead(got: unknown, allowed: readonly unknown[]): unknown {
  const meant = typeof got === 'string' ? (VALUES[got.toLowerCase()] ?? got.toLowerCase()) : undefined
  return allowed.find((value) => value === meant)
}

/** `options.policyLen` for `policy_len` or `policyLenn`, wherever it stands; else the fields that there are in `at`. */
export function expectedInstead(schema: TSchema, at: string, name: string): string {
  const paths = pathsOf(schema as Shape)
  const parent = at === '' ? '' : `${at}.`
  const alias = ALIASES[name]
  const alike = paths.filter((path) => squashed(path.slice(path.lastIndexOf('.') + 1)) === squashed(name))
  const [meant] = [
    ...alike.filter((path) => path === parent + path.slice(path.lastIndexOf('.') + 1)),
    ...paths.filter((path) => path === alias),
    ...alike,
  ]
  if (meant !== undefined) return at === '' || meant.startsWith(parent) ? meant : `${meant}, not in ${at}`
  const known = Object.keys(shapeAt(schema as Shape, at)?.properties ?? {})
  const near = nearest(name, known)
  if (near !== undefined) return at === '' ? near : `${at}.${near}`
  return known.length === 0 ? 'no such field' : `one of ${known.join(', ')}`
}

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
}

/** Every field of the objects within objects, the outer ones first. */
function pathsOf({ properties = {} }: Shape): string[] {
  const own = Object.keys(properties)
  const inner = Object.entries(properties).flatMap(([name, shape]) =>
    pathsOf(shape).map((path) => `${name}.${path}`),
  )
  return [...own, ...inner].sort((one, other) => depth(one) - depth(other))
}

const depth = (path: string): number => path.split('.').length
const squashed = (name: string): string => name.replaceAll(/[_-]/g, '').toLowerCase()

/** The shape of the object at a dotted path; of a choice, the one that has fields. */
function shapeAt(schema: Shape, at: string): Shape | undefined {
  let shape: Shape | undefined = schema
  for (const key of at.match(/[^.[\]]+/g) ?? []) {
    shape = shape?.properties?.[key] ?? shape?.items
    shape = shape?.anyOf?.find(({ properties }) => properties !== undefined) ?? shape
  }
  return shape
}
