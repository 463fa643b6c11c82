// Whether a run is what the plain formulae say, each quantity from the run's own values that it is made of.
import type { AgentFile } from '@cohort/cli'
import { type Beliefs, inferStates, predict } from './beliefs.js'
import { inductiveCost } from './goals.js'
import type { Knowledge } from './knowledge.js'
import { countsOfA, countsOfB, expected } from './learning.js'
import { passMessages } from './messages.js'
import { apart, dot, type Nested, softmax, sum } from './tensor.js'
import type { Ways } from './ways.js'
import { type Terms, worth } from './worth.js'

/** What a step came by, by the names of golden files. */
export interface Came {
  readonly observation: number[]
  /** Message passing: [policy][time][factor][state]. */
  readonly qs: unknown
  readonly prior: number[][]
  readonly n_iter?: number
  readonly F_pi?: number[]
  readonly G: number[]
  readonly G_terms: Readonly<Record<string, number[]>>
  readonly q_pi: number[]
  readonly action_marginals: number[][]
  readonly A?: Nested[]
  readonly B?: Nested[]
  readonly pA?: Nested[] | null
  readonly pB?: Nested[] | null
}

export interface Run {
  readonly file: AgentFile
  readonly steps: readonly Came[]
  readonly policies: readonly (readonly (readonly number[])[])[]
  readonly knowledge: Knowledge
  readonly ways: Ways
}

/** By quantity: how far the run is from its formula, at the worst place of all steps. */
export type Errors = Record<string, number>

export function checkRun(run: Run): Errors {
  const errors: Errors = {}
  const note = (name: string, error: number) => void (errors[name] = Math.max(errors[name] ?? 0, error))
  const calls = run.file.call_order
  const early =
    calls.indexOf('update_A') !== -1 && calls.indexOf('update_A') < calls.indexOf('infer_policies')
  let before = run.knowledge
  run.steps.forEach((step, t) => {
    const after = learned(run, { before, step, t }, note)
    if (run.file.config.inference_algo === 'MMP') checkMessages(run, t, note)
    else checkStates(run, before, t, note)
    checkPlan(run, early ? after : before, t, note)
    before = after
  })
  return errors
}

type Note = (name: string, error: number) => void

const done = ({ file }: Run, t: number): readonly number[] => file.forced?.[t] ?? []

function checkStates(run: Run, knowledge: Knowledge, t: number, note: Note): void {
  const { file, steps, ways } = run
  const { inference_params } = file.config
  const [step, last] = [steps[t] as Came, steps[t - 1]]
  note(
    'prior',
    apart(
      step.prior,
      last === undefined ? knowledge.D : predict(knowledge, last.qs as Beliefs, done(run, t - 1)),
    ),
  )
  const { qs, sweeps } = inferStates({ knowledge, ways }, step.prior, step.observation, inference_params)
  note('qs', apart(step.qs, qs))
  if (step.n_iter !== undefined) note('n_iter', apart(step.n_iter, sweeps))
}

/** Where the window is full, its prior is the average of what was believed about the last one's first time. */
function checkMessages(run: Run, t: number, note: Note): void {
  const { file, knowledge, policies, steps, ways } = run
  const { inference_horizon, inference_params, policy_len } = file.config
  const [step, last] = [steps[t] as Came, steps[t - 1]]
  const from = Math.max(0, t + 1 - inference_horizon)
  note('prior', apart(step.prior, from === 0 || last === undefined ? knowledge.D : averaged(last)))
  const seen = steps.slice(from, t + 1).map(({ observation }) => observation)
  const past = steps.slice(from, t).map((_, i) => done(run, from + i))
  const results = policies.map((policy) => {
    const window = { prior: step.prior, seen, actions: [...past, ...policy], policyLen: policy_len }
    return passMessages({ knowledge, ways }, window, inference_params)
  })
  note(
    'qs',
    apart(
      step.qs,
      results.map(({ q }) => q),
    ),
  )
  note(
    'F_pi',
    apart(
      step.F_pi,
      results.map(({ F }) => F),
    ),
  )
}

function averaged({ q_pi, qs }: Came): number[][] {
  const first = (qs as number[][][][]).map(([window = []]) => window)
  return (first[0] ?? []).map((own, f) =>
    own.map((_, s) =>
      dot(
        q_pi,
        first.map((beliefs) => beliefs[f]?.[s] ?? Number.NaN),
      ),
    ),
  )
}

function checkPlan(run: Run, knowledge: Knowledge, t: number, note: Note): void {
  const { file, policies, steps, ways } = run
  const { config } = file
  const step = steps[t] as Came
  const terms = policies.map((actions, i) => {
    const mmp = config.inference_algo === 'MMP'
    const path = mmp
      ? ((step.qs as Beliefs[][])[i]?.slice(-config.policy_len - 1) ?? [])
      : actions.reduce<Beliefs[]>(
          (path, action) => [...path, predict(knowledge, path.at(-1) ?? [], action)],
          [step.qs as Beliefs],
        )
    const own = worth(knowledge, ways, { path, actions, from: mmp ? 0 : 1 })
    return { ...own, inductive: inductiveCost(knowledge, config, path) }
  })
  for (const name of Object.keys(terms[0] ?? {}) as (keyof Terms)[]) {
    const recorded = step.G_terms[name]
    if (recorded !== undefined)
      note(
        name,
        apart(
          recorded,
          terms.map((own) => own[name]),
        ),
      )
  }
  const param = config.use_param_info_gain ? 1 : 0
  note(
    'G',
    apart(
      step.G,
      terms.map(
        (own) =>
          own.utility + own.states_info_gain + param * (own.pA_info_gain + own.pB_info_gain) + own.inductive,
      ),
    ),
  )
  const lnE = knowledge.E?.map(ways.ln) ?? step.G.map(() => 0)
  note(
    'q_pi',
    apart(step.q_pi, softmax(step.G.map((g, i) => config.gamma * g - (step.F_pi?.[i] ?? 0) + (lnE[i] ?? 0)))),
  )
  note(
    'action_marginals',
    apart(
      step.action_marginals,
      step.action_marginals.map((own, c) =>
        own.map((_, a) => sum(policies.map(([first], i) => (first?.[c] === a ? (step.q_pi[i] ?? 0) : 0)))),
      ),
    ),
  )
}

interface Moment {
  readonly before: Knowledge
  readonly step: Came
  readonly t: number
}

/** What is held for true after a step: as the run says, once that is found to be as its formula says. */
function learned(run: Run, { before, step, t }: Moment, note: Note): Knowledge {
  const { ways, file, steps } = run
  const qs = step.qs as Beliefs
  const now = { ...before }
  if (before.pA !== null && file.call_order.includes('update_A')) {
    const pA = countsOfA(before, ways, { qs, seen: step.observation, rate: file.config.lr_pA })
    note('pA', apart(step.pA, pA))
    note('A', apart(step.A, expected(step.pA ?? [])))
    Object.assign(now, { pA: step.pA, A: step.A })
  }
  const last = steps[t - 1]
  if (before.pB !== null && last !== undefined && file.call_order.includes('update_B')) {
    const moved = { before: last.qs as Beliefs, qs, action: done(run, t - 1), rate: file.config.lr_pB }
    note('pB', apart(step.pB, countsOfB(before, ways, moved)))
    note('B', apart(step.B, expected(step.pB ?? [])))
    Object.assign(now, { pB: step.pB, B: step.B })
  }
  return now
}
