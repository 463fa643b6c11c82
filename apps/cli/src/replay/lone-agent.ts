// One agent in a slot of its own: the real kernel on one row, with all that its step came by laid open.
import { DEFAULT_LIMITS, type Model } from '@cohort/contracts'
import {
  compileModel,
  describeModel,
  makeScratch,
  mapModel,
  policyActions,
  readRow,
  sharpen,
  slotLayout,
  slotShape,
  stepRows,
  validateModel,
  writeInitialRows,
  writeLastAction,
} from '@cohort/inference'
import type { Values } from './golden-file.js'

const WANT_ALL = { qPi: true, G: true, vfe: true }
const ANY_STEP = -1

/** Throws `invalid_model` or `model_too_large`. */
export class LoneAgent {
  readonly #info
  readonly #compiled
  readonly #scratch
  readonly #layout
  readonly #buffer
  readonly #row

  constructor(model: Model) {
    const valid = validateModel(model, DEFAULT_LIMITS)
    this.#info = describeModel(valid)
    this.#compiled = mapModel(compileModel(valid).buffer, 0)
    this.#scratch = makeScratch(this.#compiled, { terms: true })
    this.#layout = slotLayout(slotShape(this.#info), 1)
    this.#buffer = new ArrayBuffer(this.#layout.bytes)
    this.#row = new Uint8Array(this.#buffer, this.#layout.rows, this.#info.rowBytes)
    writeInitialRows({ model: valid, seed: 0, from: 0, out: this.#row })
    new Float64Array(this.#buffer, this.#layout.expectedStep, 1)[0] = ANY_STEP
  }

  /** One step; what came of it by the names of golden files. */
  step(observation: readonly number[]): Values {
    const t = readRow(this.#info, this.#row).step
    new Int32Array(this.#buffer, this.#layout.obs, observation.length).set(observation)
    const rows = { slot: 0, rows: 1, from: 0, to: 1 }
    stepRows({ model: this.#compiled, buffer: this.#buffer, ...rows, scratch: this.#scratch, want: WANT_ALL })
    const { lastAction, beliefs } = readRow(this.#info, this.#row)
    return { t, observation, action: lastAction, qs: beliefs, ...this.#outputs(), ...this.#diagnostics() }
  }

  /** Goes on as if it had chosen `action`, so that one deviation does not cascade. */
  force(action: readonly number[]): void {
    writeLastAction(this.#info, this.#row, action)
  }

  #outputs(): Values {
    const { qPi, G, vfe } = this.#layout
    const column = (at: number, length: number) => [...new Float64Array(this.#buffer, at, length)]
    const { policies } = this.#info
    return { q_pi: column(qPi, policies), G: column(G, policies), vfe: column(vfe, 1)[0] }
  }

  #diagnostics(): Values {
    const { prior, iterations, vfeTrace, terms, marginals, qPi } = this.#scratch
    const { alpha, computeVfe } = this.#compiled.options
    const traced = computeVfe && prior.length > 1 ? iterations : 0
    return {
      prior: prior.map((belief) => [...belief]),
      n_iter: iterations,
      vfe_trace: [...vfeTrace.subarray(0, traced + 1)],
      G_terms: { utility: [...(terms?.utility ?? [])], states_info_gain: [...(terms?.statesInfoGain ?? [])] },
      policies: Array.from({ length: this.#info.policies }, (_, policy) =>
        policyActions(this.#compiled, policy),
      ),
      action_marginals: marginals.map((marginal) => [...marginal]),
      action_margin: Math.min(...marginals.filter(({ length }) => length > 1).map(margin)),
      action_probs_stochastic: marginals.map((marginal) => sharpened(marginal, alpha)),
      policy_probs_stochastic: sharpened(qPi, alpha),
    }
  }
}

/** By how much the best action is ahead of the second. */
function margin(marginal: Float64Array): number {
  const [best = 0, second = 0] = marginal.toSorted().toReversed()
  return best - second
}

export function sharpened(p: Float64Array, alpha: number): number[] {
  const out = new Float64Array(p.length)
  sharpen(p, alpha, out)
  return [...out]
}
