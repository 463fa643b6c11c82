// Replays one golden file: each step of a run on the real kernel, every field that the file holds compared.
import { basename } from 'node:path'
import { CohortError } from '@cohort/contracts'
import type { KernelName } from '@cohort/inference'
import { compare, type Difference, unknownField } from './compare.js'
import { LoneAgent } from '../lone-agent/lone-agent.js'
import { nested } from '../lone-agent/knowledge.js'
import { FUNCTIONS } from './function-cases.js'
import {
  type AgentFile,
  type Computed,
  type FunctionFile,
  incomparable,
  readGoldenFile,
  type Values,
} from './golden-file.js'
import { modelOf } from './golden-model.js'
import { valuesOf } from './golden-values.js'

export interface Failure extends Difference {
  readonly file: string
  /** A run's name, or a function case's label. */
  readonly case: string
  /** Null for a function. */
  readonly step: number | null
}

/** What became of one file. A case is one agent's whole run, or one call of a function. */
export type FileReport =
  | { readonly file: string; readonly skipped: string }
  | {
      readonly file: string
      readonly cases: number
      /** Those that the batched kernel ran. */
      readonly onWasm: number
      readonly failed: number
      readonly maxError: number
      readonly failures: readonly Failure[]
    }

export const nameOf = (path: string): string => basename(path, '.json')

/** Throws `usage` where the file is not JSON. */
export async function replayFile(path: string, kernel: KernelName): Promise<FileReport> {
  const file = nameOf(path)
  const golden = await readGoldenFile(path)
  if (golden === undefined) return { file, skipped: 'not a golden file' }
  const reason = golden.kind === 'agent' ? reasonToSkipRun(golden) : reasonToSkipFunction(golden)
  if (reason !== undefined) return { file, skipped: reason }
  const cases = golden.kind === 'agent' ? [replayRun(golden, kernel)] : replayCalls(golden, kernel)
  const failures = cases.map((one) => one.failures.map((failure) => ({ file, ...failure })))
  return {
    file,
    cases: cases.length,
    onWasm: cases.filter(({ kernel: ranOn }) => ranOn === 'wasm').length,
    failed: failures.filter(({ length }) => length > 0).length,
    maxError: Math.max(0, ...cases.map(({ maxError }) => maxError)),
    failures: failures.flat(),
  }
}

const reasonToSkipRun = (golden: AgentFile): string | undefined =>
  incomparable(golden) ?? strange(golden.steps.map(unknownField).find(Boolean))

function reasonToSkipFunction({ name, cases }: FunctionFile): string | undefined {
  if (!Object.hasOwn(FUNCTIONS, name)) return `function ${name} is not known`
  return strange(cases.map(({ output }) => unknownField(output)).find(Boolean))
}

const strange = (field: string | undefined): string | undefined =>
  field === undefined ? undefined : `what the field ${field} means is not known`

interface CaseReport {
  /** The one that ran it. */
  readonly kernel: KernelName
  readonly maxError: number
  readonly failures: readonly Omit<Failure, 'file'>[]
}

function replayRun(golden: AgentFile, wanted: KernelName): CaseReport {
  const { name, model } = golden
  return guarded(name, () => {
    const agent = new LoneAgent(modelOf(golden), { kernel: wanted })
    const { kernel } = agent
    const reached = model.I === undefined ? [] : [compareReach(agent, model.I, name)]
    const compared = follow(agent, golden).map(({ got, expected }, step) =>
      compareStep({ got, expected, kernel }, { case: name, step }),
    )
    const all = [...reached, ...compared]
    return {
      kernel,
      maxError: Math.max(0, ...all.map(({ maxError }) => maxError)),
      failures: all.flatMap(({ failures }) => failures),
    }
  })
}

export interface ReplayedStep {
  readonly got: Values
  readonly expected: Values
}

/** Each step of a run, uncompared. `model`: another one than the file's to compute it with. */
export const replaySteps = (golden: AgentFile, model = modelOf(golden)): ReplayedStep[] =>
  follow(new LoneAgent(model), golden)

/** Each step from the recorded past: after it, the recorded action is forced. */
function follow(agent: LoneAgent, { config, forced, steps }: AgentFile): ReplayedStep[] {
  return steps.map((expected, step) => {
    const got = valuesOf(agent, agent.step(expected.observation), config.alpha)
    agent.force(forced?.[step] ?? expected.action)
    return { got, expected }
  })
}

/** Which states the goals can be reached from, made when the model was compiled. */
function compareReach({ model, kernel }: LoneAgent, expected: unknown, name: string): CaseReport {
  const reach = model.reach.map((levels, f) => {
    const states = model.numStates[f] ?? 0
    return levels === null ? null : nested(levels, [levels.length / states, states])
  })
  return compareStep({ got: { I: reach }, expected: { I: expected }, kernel }, { case: name, step: null })
}

function replayCalls({ name, cases }: FunctionFile, wanted: KernelName): CaseReport[] {
  return cases.map(({ label, input, output }) =>
    guarded(label, () => {
      const { values, kernel } = FUNCTIONS[name]?.(input as never, wanted) ?? NOTHING
      return compareStep({ got: values, expected: output, kernel }, { case: label, step: null })
    }),
  )
}

const NOTHING: Computed = { values: {}, kernel: 'reference' }

function compareStep(
  { got, expected, kernel }: ReplayedStep & { readonly kernel: KernelName },
  place: Pick<Failure, 'case' | 'step'>,
): CaseReport {
  const { maxError, differences } = compare(got, expected)
  return {
    kernel,
    maxError,
    failures: differences.map(({ field, got, expected }) => ({ ...place, field, got, expected })),
  }
}

/** A model that we refuse, and its maker did not, is a difference like any other. */
function guarded(name: string, replay: () => CaseReport): CaseReport {
  try {
    return replay()
  } catch (error) {
    if (!(error instanceof CohortError)) throw error
    const failure = { case: name, step: null, field: 'model', got: error.message, expected: 'a valid model' }
    return { kernel: 'reference', maxError: 0, failures: [failure] }
  }
}
