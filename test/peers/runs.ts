// The recorded runs of a peer, each beside our kernel's: what is apart, and whether each side is what its formula says.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AgentFile, modelOf, replaySteps } from '@cohort/cli'
import type { Model } from '@cohort/contracts'
import { type Came, checkRun, type Errors } from './plain/check-run.js'
import { knowledgeOf } from './plain/knowledge.js'
import { apart } from './plain/tensor.js'
import type { Ways } from './plain/ways.js'

const DATA = fileURLToPath(new URL('../../peers/data', import.meta.url))

export const folderOf = (peer: string): string => join(DATA, peer)

export async function runsOf(peer: string): Promise<AgentFile[]> {
  const names = (await readdir(folderOf(peer))).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(folderOf(peer), name), 'utf8')))
  return texts.map((text) => JSON.parse(text) as AgentFile)
}

export interface Compared {
  /** By quantity: how far the two are apart at the worst place; of actions, in how many steps they choose otherwise. */
  readonly differences: Errors
  /** How far each side is from its own formula. */
  readonly ours: Errors
  readonly theirs: Errors
}

export interface Sides {
  /** What the kernel computes: the file's model by our options, where it is another than a replay takes. */
  readonly model?: (file: AgentFile) => Model
  readonly ours: (model: Model) => Ways
  readonly theirs: (model: Model) => Ways
}

export function compareRun(file: AgentFile, sides: Sides): Compared {
  const model = (sides.model ?? modelOf)(file)
  const replayed = replaySteps(file, model)
  const [got, recorded] = [
    replayed.map((step) => step.got as unknown as Came),
    file.steps as unknown as Came[],
  ]
  const policies = (file.steps[0] as unknown as { policies: number[][][] }).policies
  const common = { file, policies, knowledge: knowledgeOf(model) }
  return {
    differences: differencesOf(got, recorded),
    ours: checkRun({ ...common, steps: got, ways: sides.ours(model) }),
    theirs: checkRun({ ...common, steps: recorded, ways: sides.theirs(model) }),
  }
}

const QUANTITIES = [
  'prior',
  'qs',
  'n_iter',
  'F_pi',
  'G',
  'q_pi',
  'action_marginals',
  'pA',
  'A',
  'pB',
  'B',
  'pD',
  'D',
] as const

/** Of what the peer recorded. */
function differencesOf(ours: readonly Came[], theirs: readonly Came[]): Errors {
  const errors: Errors = {}
  const note = (name: string, error: number) => void (errors[name] = Math.max(errors[name] ?? 0, error))
  theirs.forEach((step, t) => {
    const own = ours[t] as Came
    for (const name of QUANTITIES)
      if (name in step) note(name, apart(valueOf(own, name), valueOf(step, name)))
    for (const [term, values] of Object.entries(step.G_terms)) note(term, apart(own.G_terms[term], values))
    const otherwise = apart(valueOf(own, 'action'), valueOf(step, 'action')) > 0 ? 1 : 0
    errors['actions'] = (errors['actions'] ?? 0) + otherwise
  })
  return errors
}

const valueOf = (step: Came, name: string): unknown => (step as unknown as Record<string, unknown>)[name]

/** The worst of several. */
export function worstOf(all: readonly Errors[]): Errors {
  const errors: Errors = {}
  for (const each of all)
    for (const [name, error] of Object.entries(each))
      errors[name] = name === 'actions' ? (errors[name] ?? 0) + error : Math.max(errors[name] ?? 0, error)
  return errors
}
