// A model's options with every default filled in. Which of them go together: check/options.ts
import { type Learning, type Model, ModelOptions } from '@cohort/contracts'

/** What is learned of one kind of matrix. */
export interface Learned {
  readonly rate: number
  readonly forgetting: number
  /** Modalities (A) or factors (B, D), ascending. */
  readonly only: readonly number[]
}

export interface LearningOptions {
  readonly A?: Learned
  readonly B?: Learned
  /** Of the first step alone: there is nothing to forget. */
  readonly D?: Omit<Learned, 'forgetting'>
  readonly E?: Omit<Learned, 'only'>
  readonly when: 'afterAction' | 'beforePlanning'
}

export type Options = Readonly<Required<Omit<ModelOptions, 'learning' | 'controllable'>>> & {
  readonly learning: LearningOptions
  /** Controls that policies vary, ascending. */
  readonly controllable: readonly number[]
}

/** Those that have a default by themselves. */
export type PlainOptions = Omit<Options, 'learning' | 'controllable'>

/** The schema's own defaults, of every option that has one. */
export const DEFAULTS = Object.fromEntries(
  Object.entries(ModelOptions.properties).flatMap(([name, schema]) =>
    'default' in schema ? [[name, schema.default]] : [],
  ),
) as unknown as PlainOptions

/** How many there are of what an option may name. */
export interface Countable {
  readonly modalities: number
  readonly factors: number
  readonly controls: number
}

export function resolveOptions(
  { options = {}, policies }: Model,
  { modalities, factors, controls }: Countable,
): Options {
  const { learning = {}, controllable, ...plain } = options
  return {
    ...DEFAULTS,
    ...plain,
    policyLen: options.policyLen ?? policies?.[0]?.length ?? DEFAULTS.policyLen,
    controllable: ascending(controllable ?? upTo(controls)),
    learning: resolveLearning(learning, { modalities, factors }),
  }
}

function resolveLearning(
  { A, B, D, E, when = 'afterAction' }: Learning,
  { modalities, factors }: Pick<Countable, 'modalities' | 'factors'>,
): LearningOptions {
  return {
    ...(A && { A: learned(A, modalities) }),
    ...(B && { B: learned(B, factors) }),
    ...(D && { D: { rate: D.rate ?? 1, only: ascending(D.only ?? upTo(factors)) } }),
    ...(E && { E: { rate: E.rate ?? 1, forgetting: E.forgetting ?? 0 } }),
    when,
  }
}

const learned = (
  { rate = 1, forgetting = 0, only }: { rate?: number; forgetting?: number; only?: readonly number[] },
  count: number,
): Learned => ({ rate, forgetting, only: ascending(only ?? upTo(count)) })

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const ascending = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b)
