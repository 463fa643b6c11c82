// One agent in a slot of its own: the real kernel on one row, with all that its step came by laid open.
import {
  CohortError,
  DEFAULT_LIMITS,
  type Model,
  NOT_SEEN,
  SEEN_SOFTLY,
  type Term,
  TERMS,
} from '@cohort/contracts'
import {
  describeModel,
  type KernelName,
  NOTE_IMPOSSIBLE,
  NOTE_PLAN_KEPT,
  ownSlot,
  type OwnSlot,
  readRow,
  ROW_BAD_OBSERVATION,
  ROW_OK,
  ROW_OVER_BUDGET,
  type Scratch,
  termOf,
  validateModel,
  writeInitialRows,
} from '@cohort/inference'
import { policyActions, recall, writeLastAction } from '@cohort/inference/parts'
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

export class LoneAgent {
  readonly #valid
  readonly #info
  readonly #place: OwnSlot
  readonly #row
  #stepped = false
  /**
   * `seed`: of a population whose first agent it is. `kernel`: the one to use where it covers the model.
   * Throws `invalid_model` or `model_too_large`.
   */
  constructor(model: Model, { seed = 0, kernel = 'wasm' }: { seed?: number; kernel?: KernelName } = {}) {
    this.#valid = validateModel(model, DEFAULT_LIMITS)
    this.#info = describeModel(this.#valid)
    this.#place = ownSlot(this.#valid, {
      rows: 1,
      extras: EXTRAS,
      ...(kernel === 'reference' && { only: kernel }),
    })
    const { buffer, slot, layout } = this.#place
    this.#row = new Uint8Array(buffer, slot + layout.rows, this.#info.rowBytes)
    writeInitialRows({ model: this.#valid, seed, from: 0, out: this.#row })
  }

  /** What it was made of; its arrays stay as they were, whatever it learns. */
  get model() {
    return this.#place.model
  }

  /** Which kernel steps it. */
  get kernel(): KernelName {
    return this.#place.kernel
  }

  /** Where its last step was computed, until the next. */
  get scratch(): Scratch {
    return this.#place.scratch
  }

  /** [policy][t][control] */
  get policies(): number[][][] {
    return Array.from({ length: this.#info.policies }, (_, policy) =>
      policyActions(this.#place.model, policy),
    )
  }

  /** What it holds for true now: the model's matrices and its counts, where it learns as they have become. */
  get knowledge(): Knowledge {
    if (!this.#stepped) return knowledgeOf(this.#place.model, this.#valid.D)
    recall(this.#place.scratch)
    return knowledgeOf(this.#place.scratch.mind, this.#valid.D)
  }

  /** Throws `observation_out_of_range`, or `plan_over_budget`. */
  step(observation: readonly Seen[]): LoneStep {
    const { step: t } = readRow(this.#info, this.#row)
    this.#observe(observation)
    this.#place.step(WANT_ALL)
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
    const { buffer, slot, layout } = this.#place
    const obs = new Int32Array(buffer, slot + layout.obs, numObs.length)
    let softAt = slot + layout.soft
    numObs.forEach((outcomes, m) => {
      const seen = observation[m] ?? null
      obs[m] = seen === null ? NOT_SEEN : typeof seen === 'number' ? seen : SEEN_SOFTLY
      if (typeof seen === 'object' && seen !== null) new Float64Array(buffer, softAt, outcomes).set(seen)
      softAt += 8 * outcomes
    })
  }

  #check(observation: readonly Seen[]): void {
    const { buffer, slot, layout } = this.#place
    const [error] = new Int32Array(buffer, slot + layout.errors, 1)
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
    const { search, qPi } = this.#place.scratch
    if (search === null || search.root.below === null) return [...qPi].map(() => false)
    const { policyPruneThreshold } = this.#place.model.options
    return Array.from(search.root.p, (p) => p < policyPruneThreshold)
  }

  /** What the kernel wrote to the slot; what leads there is the reference kernel's. */
  #outputs() {
    const { scratch } = this
    const { model, buffer, slot, layout } = this.#place
    const column = (at: number, length: number) => [...new Float64Array(buffer, slot + at, length)]
    const [iterations = 0] = column(layout.iterations, 1)
    const [notes = 0] = new Int32Array(buffer, slot + layout.notes, 1)
    const { computeVfe, inference } = model.options
    const traced = inference === 'fixedPoint' && computeVfe && scratch.qs.length > 1 ? scratch.iterations : 0
    const { terms } = scratch
    return {
      prior: scratch.prior.map((belief) => [...belief]),
      vfe: scratch.vfe,
      vfeTrace: [...scratch.vfeTrace.subarray(0, traced + 1)],
      iterations,
      G: column(layout.G, model.policies),
      terms: Object.fromEntries(TERMS.map((term) => [term, [...termOf(terms, term)]])) as LoneStep['terms'],
      qPi: column(layout.qPi, model.policies),
      pruned: this.#pruned(),
      gamma: scratch.gamma,
      habit: [...scratch.mind.logE],
      evidence: [...scratch.evidence],
      marginals: scratch.marginals.map((marginal) => [...marginal]),
      margin: column(layout.margin, model.numControls.length),
      impossible: (notes & NOTE_IMPOSSIBLE) !== 0,
      planKept: (notes & NOTE_PLAN_KEPT) !== 0,
    }
  }
}
