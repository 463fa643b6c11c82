// What the last action led to, the prior of a tile’s agents, and what they have seen.
import {
  FACTORS, FACTOR_ACTIONS, FACTOR_AT, FACTOR_JOINED, FACTOR_NEXT, FACTOR_PARENTS, FACTOR_PARENT_TABLE,
  FACTOR_STATES, MODALITY_A, MODALITY_OUTCOMES, MODALITY_OUTCOMES_AT, MODALITY_SIZE, MODALITY_TABLE_AT,
  SCRATCH_BACKGROUND, SCRATCH_PRIOR, SCRATCH_SOFT, SCRATCH_TEMP,
} from '../words'
import { apply } from './linear-map'
import { copyLines, joinLines, normalise } from './lines'
import { factorAt, head, level, modalityAt, model, room, table, word } from './program'
import { get, LANES, LINE, put, SIZE } from './real'
import { keyOf, NOT_SEEN, rowOf, seen, SEEN_SOFTLY, softAt } from './rows'

/**
 * The joint belief of a factor's parents, each of whose beliefs begins at `beliefs` + its first state: q_p0 · q_p1 · …
 * Where the one parent is all, its belief itself; else normalised: belief/predict.ts says why.
 */
export function parentBelief(factor: usize, beliefs: usize): usize {
  const parents = word(factor, FACTOR_PARENTS)
  const which = model + word(factor, FACTOR_PARENT_TABLE)
  const first = factorAt(load<u32>(which))
  if (parents === 1) return beliefs + word(first, FACTOR_AT) * LINE
  const out = room(SCRATCH_PRIOR) + word(factor, FACTOR_JOINED)
  copyLines(beliefs + word(first, FACTOR_AT) * LINE, out, word(first, FACTOR_STATES))
  let size = word(first, FACTOR_STATES)
  for (let p: u32 = 1; p < parents; p++) {
    const parent = factorAt(load<u32>(which + (p << 2)))
    size = joinLines(out, size, beliefs + word(parent, FACTOR_AT) * LINE, word(parent, FACTOR_STATES))
  }
  normalise(out, size * LINE)
  return out
}

/**
 * `SCRATCH_PRIOR`: each agent's belief carried through its last action, or as it is where there was none. Agents are in
 * the order of their last actions: most tiles need one product a factor.
 */
export function predictPrior(): void {
  const factors = head(FACTORS)
  const beliefs = level(0)
  for (let f: u32 = 0; f < factors; f++) {
    const factor = factorAt(f)
    const from = parentBelief(factor, beliefs)
    const at = word(factor, FACTOR_AT) * LINE
    const states = word(factor, FACTOR_STATES)
    const next = model + word(factor, FACTOR_NEXT)
    for (let lane: u32 = 0; lane < <u32>LANES; ) {
      const key = keyOf(rowOf(lane))
      let end = lane + 1
      while (end < <u32>LANES && keyOf(rowOf(end)) === key) end++
      const whole = end - lane === <u32>LANES
      const out = whole ? room(SCRATCH_PRIOR) + at : room(SCRATCH_TEMP)
      if (key === 0) copyLines(beliefs + at, out, states)
      else {
        const own = load<u32>(table(FACTOR_ACTIONS) + (((key - 1) * factors + f) << 2))
        apply(model + load<u32>(next + (own << 2)), from, out, room(SCRATCH_BACKGROUND))
      }
      if (!whole) copyLanes(out, room(SCRATCH_PRIOR) + at, states, lane, end)
      lane = end
    }
  }
}

function copyLanes(from: usize, to: usize, lines: u32, first: u32, end: u32): void {
  for (let i: u32 = 0; i < lines; i++) {
    for (let lane = first; lane < end; lane++) put(to + i * LINE + lane * SIZE, get(from + i * LINE + lane * SIZE))
  }
}

/**
 * Where a lane's row of a modality's table is: that of the outcome it has seen, the last one where it has seen none.
 * For what was seen softly, as y: Σ_o y[o] A[o][…] + `stabiliser`, made in `SCRATCH_SOFT`.
 */
export function seenRow(m: u32, lane: u32, stabiliser: f64): usize {
  const modality = modalityAt(m)
  const outcomes = word(modality, MODALITY_OUTCOMES)
  const size = word(modality, MODALITY_SIZE)
  const row = rowOf(lane)
  const outcome = seen(m, row)
  if (outcome !== SEEN_SOFTLY)
    return model + word(modality, MODALITY_TABLE_AT) + (outcome === NOT_SEEN ? outcomes : <u32>outcome) * size * SIZE
  const out = room(SCRATCH_SOFT) + lane * size * SIZE
  const y = softAt(row) + (word(modality, MODALITY_OUTCOMES_AT) << 3)
  for (let s: u32 = 0; s < size; s++) put(out + s * SIZE, expected(modality, y, s) + stabiliser)
  return out
}

/** Σ_o y[o] A[o][s]: the probability of what was seen softly. */
function expected(modality: usize, y: usize, s: u32): f64 {
  const A = model + word(modality, MODALITY_A)
  const outcomes = word(modality, MODALITY_OUTCOMES)
  const size = word(modality, MODALITY_SIZE)
  let sum: f64 = 0
  for (let o: u32 = 0; o < outcomes; o++) sum += load<f64>(y + (o << 3)) * load<f64>(A + ((o * size + s) << 3))
  return sum
}

/** Whether the state could have shown what the lane's agent saw. */
export function couldShow(m: u32, lane: u32, s: u32): bool {
  const outcome = seen(m, rowOf(lane))
  if (outcome === NOT_SEEN) return true
  const modality = modalityAt(m)
  if (outcome === SEEN_SOFTLY) {
    const y = softAt(rowOf(lane)) + (word(modality, MODALITY_OUTCOMES_AT) << 3)
    return expected(modality, y, s) !== 0
  }
  return load<f64>(model + word(modality, MODALITY_A) + ((<u32>outcome * word(modality, MODALITY_SIZE) + s) << 3)) !== 0
}
