// One agent in a slot of its own: the real kernel on one row, with all that its step came by laid open.
import { CohortError, DEFAULT_LIMITS, type Model } from '@cohort/contracts'
import {
  compileModel,
  describeModel,
  makeScratch,
  mapModel,
  NOT_SEEN,
  NOTE_IMPOSSIBLE,
  NOTE_PLAN_KEPT,
  policyActions,
  readRow,
  ROW_BAD_OBSERVATION,
  ROW_OK,
  ROW_OVER_BUDGET,
  type Scratch,
  SEEN_SOFTLY,
  slotLayout,
  slotShape,
  stepRows,
  type Term,
  termOf,
  TERMS,
  validateModel,
  writeInitialRows,
  writeLastAction,
} from '@cohort/inference'
import { recall } from '@cohort/inference/parts'
import { type Knowledge, knowledgeOf } from './knowledge.js'

/** Of one modality: an outcome, nothing, or a distribution over the outcomes. */
export type Seen = number | null | readonly number[]

/** One step and what it came by. */
export interface LoneStep {
  /** Steps that came before it. */
  readonly t: number
  /** [modality] */
  readonly observation: readonly Seen[]
  /** [factor][state]: what was to be expected, and what is believed having seen. */
  readonly prior: number[][]
  readonly beliefs: number[][]
  /** Variational free energy: in the end, before the first sweep and after each. */
  readonly vfe: number
  readonly vfeTrace: number[]
  readonly iterations: number
  /** [policy]; G is larger for better policies. In a step that kept its plan all of G and its terms are 0. */
  readonly G: number[]
  readonly terms: Readonly<Record<Term, number[]>>
  readonly qPi: number[]
  /** [policy]: a search saw its first step to be too improbable, and did not look at it further. */
  readonly pruned: boolean[]
  /** qPi = softmax(gamma · G + habit + evidence): ln E, and what the past says for each policy. */
  readonly gamma: number
  readonly habit: number[]
  readonly evidence: number[]
  /** [control][action], and [control]: by how much the chosen one is ahead of the next. */
  readonly marginals: number[][]
  readonly margin: number[]
  /** [control] */
  readonly action: number[]
  readonly impossible: boolean
  readonly planKept: boolean
}

const WANT_ALL = { qPi: true, G: true, vfe: true, terms: true }
const EXTRAS = { soft: true, terms: true }
const ANY_STEP = -1

export class LoneAgent {
  readonly #valid
  readonly #info
  readonly #compiled
  readonly #scratch
  readonly #layout
  readonly #buffer
  readonly #row
  #stepped = false

  /** `seed`: of a population whose first agent it is. Throws `invalid_model` or `model_too_large`. */
  constructor(model: Model, seed = 0) {
    this.#valid = validateModel(model, DEFAULT_LIMITS)
    this.#info = describeModel(this.#valid)
    this.#compiled = mapModel(compileModel(this.#valid).buffer, 0)
    this.#scratch = makeScratch(this.#compiled)
    this.#layout = slotLayout(slotShape(this.#info, EXTRAS), 1)
    this.#buffer = new ArrayBuffer(this.#layout.bytes)
    this.#row = new Uint8Array(this.#buffer, this.#layout.rows, this.#info.rowBytes)
    writeInitialRows({ model: this.#valid, seed, from: 0, out: this.#row })
    new Float64Array(this.#buffer, this.#layout.expectedStep, 1)[0] = ANY_STEP
  }

  /** What it was made of; its arrays stay as they were, whatever it learns. */
  get model() {
    return this.#compiled
  }

  /** Where its last step was computed, until the next. */
  get scratch(): Scratch {
    return this.#scratch
  }

  /** [policy][t][control] */
  get policies(): number[][][] {
    return Array.from({ length: this.#info.policies }, (_, policy) => policyActions(this.#compiled, policy))
  }

  /** What it holds for true now: the model's matrices and its counts, where it learns as they have become. */
  get knowledge(): Knowledge {
    if (!this.#stepped) return knowledgeOf(this.#compiled, this.#valid.D)
    recall(this.#scratch)
    return knowledgeOf(this.#scratch.mind, this.#valid.D)
  }

  /** Throws `observation_out_of_range`, or `plan_over_budget`. */
  step(observation: readonly Seen[]): LoneStep {
    const { step: t } = readRow(this.#info, this.#row)
    this.#observe(observation)
    const rows = { slot: 0, rows: 1, from: 0, to: 1 }
    const places = { model: this.#compiled, buffer: this.#buffer, scratch: this.#scratch }
    stepRows({ ...places, ...rows, want: WANT_ALL, extras: EXTRAS })
    this.#check(observation)
    this.#stepped = true
    const { lastAction, beliefs } = readRow(this.#info, this.#row)
    return { t, observation, beliefs, action: lastAction ?? [], ...this.#outputs() }
  }

  /** Goes on as if it had chosen `action`, so that one deviation does not cascade. */
  force(action: readonly number[]): void {
    writeLastAction(this.#info, this.#row, action)
  }

  #observe(observation: readonly Seen[]): void {
    const { numObs } = this.#info.shapes
    const obs = new Int32Array(this.#buffer, this.#layout.obs, numObs.length)
    let softAt = this.#layout.soft
    numObs.forEach((outcomes, m) => {
      const seen = observation[m] ?? null
      obs[m] = seen === null ? NOT_SEEN : typeof seen === 'number' ? seen : SEEN_SOFTLY
      if (typeof seen === 'object' && seen !== null)
        new Float64Array(this.#buffer, softAt, outcomes).set(seen)
      softAt += 8 * outcomes
    })
  }

  #check(observation: readonly Seen[]): void {
    const [error] = new Int32Array(this.#buffer, this.#layout.errors, 1)
    if (error === ROW_OK) return
    if (error === ROW_BAD_OBSERVATION) {
      const detail = `the model cannot take the observation ${JSON.stringify(observation)}`
      throw new CohortError('observation_out_of_range', detail)
    }
    if (error === ROW_OVER_BUDGET)
      throw new CohortError('plan_over_budget', 'the search for a plan is over options.nodeBudget')
    throw new CohortError('internal', `the kernel did not do the step: ${error}`)
  }

  /** By the probabilities that the search itself went by. */
  #pruned(): boolean[] {
    const { search, qPi } = this.#scratch
    if (search === null || search.root.below === null) return [...qPi].map(() => false)
    const { policyPruneThreshold } = this.#compiled.options
    return Array.from(search.root.p, (p) => p < policyPruneThreshold)
  }

  #outputs() {
    const { scratch } = this
    const { vfeTrace, iterations, terms, notes } = scratch
    const { computeVfe, inference } = this.#compiled.options
    const traced = inference === 'fixedPoint' && computeVfe && scratch.qs.length > 1 ? iterations : 0
    return {
      prior: scratch.prior.map((belief) => [...belief]),
      vfe: scratch.vfe,
      vfeTrace: [...vfeTrace.subarray(0, traced + 1)],
      iterations,
      G: [...scratch.G],
      terms: Object.fromEntries(TERMS.map((term) => [term, [...termOf(terms, term)]])) as LoneStep['terms'],
      qPi: [...scratch.qPi],
      pruned: this.#pruned(),
      gamma: scratch.gamma,
      habit: [...scratch.mind.logE],
      evidence: [...scratch.evidence],
      marginals: scratch.marginals.map((marginal) => [...marginal]),
      margin: [...scratch.margin],
      impossible: (notes & NOTE_IMPOSSIBLE) !== 0,
      planKept: (notes & NOTE_PLAN_KEPT) !== 0,
    }
  }
}
