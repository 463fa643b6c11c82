// What a search keeps while it looks ahead: a node for each depth, and what perception gave.
import type { CompiledModel } from '../model/compiled.js'
import { TERMS } from '../slot.js'
import type { Transition } from './predicted-step.js'

/** What the search needs beside the scratch; made once per thread and model. */
export interface Search {
  readonly root: SearchNode
  readonly tally: Tally
  readonly perceived: Perceived
}

interface Tally {
  /** Posteriors inferred so far in this step. */
  visited: number
}

/** What perception gave, which every posterior of the search writes over. */
export interface Perceived {
  readonly beliefs: Float64Array
  readonly priors: Float64Array
  readonly observation: Int32Array
  readonly vfeTrace: Float64Array
  vfe: number
  iterations: number
  notes: number
}

/** What an agent would believe after some actions and outcomes, and what each next action is then worth. */
export interface SearchNode {
  readonly isRoot: boolean
  /** The node at hand one step further; null at the horizon. */
  readonly below: SearchNode | null
  readonly tally: Tally
  /** [factor][state], flat. */
  readonly beliefs: Float64Array
  /** 0: the beliefs; 1: all predictions from them, [factor][own action][state]. */
  readonly levels: readonly Float64Array[]
  readonly at: readonly Int32Array[]
  /** Per factor: the joint belief of its parents. */
  readonly parentBelief: readonly Float64Array[]
  /** The action at hand. */
  readonly next: Transition
  readonly terms: Float64Array
  /** Per modality: the outcomes that the action at hand leads one to expect. */
  readonly qo: readonly Float64Array[]
  /** [modality]: the greatest probability that the outcomes of this and later modalities can have together. */
  readonly atMost: Float64Array
  /** [modality]: the probability of the outcomes at hand of the modalities before it. */
  readonly upTo: Float64Array
  /** [modality]: the outcome at hand. */
  readonly seen: Int32Array
  /** [1], of the action at hand: Σ p(o) · value of what comes after o. */
  readonly ahead: Float64Array
  /** [policy]. */
  readonly G: Float64Array
  readonly p: Float64Array
}

/** Null where planning is no search. */
export function makeSearch(model: CompiledModel): Search | null {
  const { options, numObs, states } = model
  if (options.planning !== 'sophisticated') return null
  const tally = { visited: 0 }
  return {
    root: makeNode(model, tally, options.horizon),
    tally,
    perceived: {
      beliefs: new Float64Array(states),
      priors: new Float64Array(states),
      observation: new Int32Array(numObs.length),
      vfeTrace: new Float64Array(options.numIter + 1),
      vfe: 0,
      iterations: 0,
      notes: 0,
    },
  }
}

/** A node from which the search looks `ahead` steps ahead, and all below it. */
function makeNode(model: CompiledModel, tally: Tally, ahead: number): SearchNode {
  const { numObs, options, parents, policies, predictions, states, stateAt } = model
  const beliefs = new Float64Array(states)
  const predicted = new Float64Array(predictions)
  const at = new Int32Array(stateAt.length)
  return {
    isRoot: ahead === options.horizon,
    below: ahead === 1 ? null : makeNode(model, tally, ahead - 1),
    tally,
    beliefs,
    levels: [beliefs, predicted],
    at: [stateAt, at],
    parentBelief: parents.map(({ size }) => new Float64Array(size)),
    next: { beliefs: predicted, at, t: 0, from: beliefs, fromAt: stateAt, action: 0 },
    terms: new Float64Array(TERMS.length),
    qo: numObs.map((outcomes) => new Float64Array(outcomes)),
    atMost: new Float64Array(numObs.length + 1),
    upTo: new Float64Array(numObs.length + 1).fill(1),
    seen: new Int32Array(numObs.length),
    ahead: new Float64Array(1),
    G: new Float64Array(policies),
    p: new Float64Array(policies),
  }
}
