// What the last action led to and what was seen: the prior of a tile's agents, and, for one factor, their new belief.
import {
  EXACT, FACTOR_ACTIONS, FACTOR_AT, FACTOR_JOINED, FACTOR_NEXT, FACTOR_PARENTS, FACTOR_PARENT_TABLE,
  FACTOR_STATES, FACTORS, MODALITIES, MODALITY_A, MODALITY_OUTCOMES, MODALITY_OUTCOMES_AT, MODALITY_SIZE,
  MODALITY_TABLE_AT, SCRATCH_BACKGROUND, SCRATCH_LIKELIHOOD, SCRATCH_MARKS, SCRATCH_PRIOR, SCRATCH_SEEN,
  SCRATCH_SOFT, SCRATCH_TEMP, STATES,
} from '../words'
import { apply } from './linear-map'
import { factorAt, has, head, level, modalityAt, model, room, table, word } from './program'
import { add, div, exp, gather, get, gt, LANES, LINE, log, mul, put, SIZE, splat } from './real'
import { keyOf, NOT_SEEN, rowOf, SEEN_SOFTLY, seen, softAt } from './rows'

/** pymdp's stabiliser under every logarithm. */
export const EPS: f64 = 1e-16
/** A belief up to this is none, and a likelihood up to this is that of the stabiliser: belief/observe.ts */
const CRUMB: f64 = 1e-12
const CRUMB_OF_LIKELIHOOD: f64 = 1.0033e-16
export const NOTE_IMPOSSIBLE: f64 = 1

/**
 * The joint belief of a factor's parents, each of whose beliefs begins at `beliefs` + its first state: q_p0 · q_p1 · …
 * Where the one parent is all, its belief itself.
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
  return out
}

/** out[i, s] = out[i] · q[s], in place, from the end: each line is read before its place is written over. */
export function joinLines(out: usize, size: u32, q: usize, states: u32): u32 {
  for (let i = size; i-- > 0; ) {
    const from = out + i * LINE
    const a = v128.load(from)
    const b = v128.load(from, 16)
    const c = v128.load(from, 32)
    const d = v128.load(from, 48)
    for (let s = states; s-- > 0; ) {
      const to = out + (i * states + s) * LINE
      const by = q + s * LINE
      v128.store(to, mul(a, v128.load(by)))
      v128.store(to, mul(b, v128.load(by, 16)), 16)
      v128.store(to, mul(c, v128.load(by, 32)), 32)
      v128.store(to, mul(d, v128.load(by, 48)), 48)
    }
  }
  return size * states
}

@inline export function copyLines(from: usize, to: usize, lines: u32): void { memory.copy(to, from, lines * LINE) }

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

/**
 * One factor: q = normalise(Π_m (A[m][o_m] + ε) · (prior + ε)), which is the fixed point without a logarithm; ε = 0
 * for exact filtering. To level 0, from `SCRATCH_PRIOR`; notes what the model held for impossible.
 */
export function inferProduct(): void {
  const states = head(STATES)
  const stabiliser: f64 = has(EXACT) ? 0 : EPS
  const likelihood = room(SCRATCH_LIKELIHOOD)
  const modalities = head(MODALITIES)
  for (let m: u32 = 0; m < modalities; m++) {
    const pointers = room(SCRATCH_SEEN)
    for (let lane: u32 = 0; lane < <u32>LANES; lane++)
      store<u32>(pointers + (lane << 2), <u32>seenRow(m, lane, stabiliser))
    for (let lane: u32 = 0; lane < <u32>LANES; lane += 2) {
      const at = pointers + (lane << 2)
      takeLikelihood(load<u32>(at), load<u32>(at, 4), likelihood + lane * SIZE, m === 0)
    }
  }
  const marks = room(SCRATCH_MARKS)
  for (let at: usize = 0; at < LINE; at += 16) {
    v128.store(marks + at, splat(0))
    v128.store(marks + at + LINE, splat(1))
    weigh(likelihood + at, at, states, stabiliser)
  }
}

@inline
function takeLikelihood(one: usize, other: usize, to: usize, first: bool): void {
  const states = head(STATES)
  if (first) {
    for (let s: u32 = 0; s < states; s++, one += SIZE, other += SIZE, to += LINE) v128.store(to, gather(one, other))
    return
  }
  for (let s: u32 = 0; s < states; s++, one += SIZE, other += SIZE, to += LINE)
    v128.store(to, mul(v128.load(to), gather(one, other)))
}

/** One vector of lanes, `at` bytes into their lines. */
@inline
function weigh(likelihood: usize, at: usize, states: u32, stabiliser: f64): void {
  const prior = room(SCRATCH_PRIOR) + at
  const beliefs = level(0) + at
  const eps = splat(stabiliser)
  const crumb = splat(has(EXACT) ? -1 : CRUMB)
  const unlikely = splat(has(EXACT) ? 0 : CRUMB_OF_LIKELIHOOD)
  let possible = i64x2.splat(0)
  let total = splat(0)
  const end = states * LINE
  for (let i: usize = 0; i < end; i += LINE) {
    const p = v128.load(prior + i)
    const L = v128.load(likelihood + i)
    const weight = mul(L, add(p, eps))
    possible = v128.or(possible, v128.and(gt(p, crumb), gt(L, unlikely)))
    v128.store(beliefs + i, weight)
    total = add(total, weight)
  }
  const share = div(splat(1), total)
  for (let i: usize = 0; i < end; i += LINE) v128.store(beliefs + i, mul(v128.load(beliefs + i), share))
  const sound = has(EXACT) ? gt(total, splat(SAFE)) : possible
  if (!v128.all_true<i64>(sound)) settle(at, sound, states)
}

/** Evidence under this may have lost digits: the lane is reckoned again in logarithms. */
const SAFE: f64 = 1e-200

/** The lanes of one vector whose observation seems impossible, one by one. */
function settle(at: usize, sound: v128, states: u32): void {
  const marks = room(SCRATCH_MARKS) + at
  v128.store(room(SCRATCH_TEMP), sound)
  for (let i: usize = 0; i < 16; i += SIZE) {
    if (load<u8>(room(SCRATCH_TEMP) + i) !== 0) continue
    const lane = <u32>((at + i) / SIZE)
    if (has(EXACT) ? inferInLogarithms(lane, states) : isPossible(lane, states)) continue
    put(marks + i, NOTE_IMPOSSIBLE)
  }
}

/** Whether some state that the prior allows could have shown all that was seen. */
function isPossible(lane: u32, states: u32): bool {
  for (let s: u32 = 0; s < states; s++)
    if (get(room(SCRATCH_PRIOR) + s * LINE + lane * SIZE) > CRUMB && couldShowAll(lane, s)) return true
  return false
}

function couldShowAll(lane: u32, s: u32): bool {
  const modalities = head(MODALITIES)
  for (let m: u32 = 0; m < modalities; m++) if (!couldShow(m, lane, s)) return false
  return true
}

/**
 * Exact filtering of one lane where products of probabilities may underflow. False where nothing that the prior
 * allows could have shown what was seen: the belief is then the prior.
 */
function inferInLogarithms(lane: u32, states: u32): bool {
  const prior = room(SCRATCH_PRIOR) + lane * SIZE
  const beliefs = level(0) + lane * SIZE
  let most = -Infinity
  for (let s: u32 = 0; s < states; s++) {
    const weight = logWeight(lane, s, get(prior + s * LINE))
    put(beliefs + s * LINE, weight)
    if (weight > most) most = weight
  }
  let total: f64 = 0
  for (let s: u32 = 0; s < states; s++) {
    const at = beliefs + s * LINE
    put(at, most === -Infinity ? get(prior + s * LINE) : scalarExp(get(at) - most))
    total += get(at)
  }
  for (let s: u32 = 0; s < states; s++) put(beliefs + s * LINE, get(beliefs + s * LINE) / total)
  return most > -Infinity
}

/** ln prior + Σ_m ln A[m][o_m][s]; −∞ where one of them is 0. */
function logWeight(lane: u32, s: u32, prior: f64): f64 {
  let sum = scalarLog(prior)
  const modalities = head(MODALITIES)
  for (let m: u32 = 0; m < modalities; m++) {
    const at = seenRow(m, lane, 0)
    sum += scalarLog(get(at + s * SIZE))
  }
  return sum
}

function scalarLog(x: f64): f64 {
  if (x === 0) return -Infinity
  // What is below the normal numbers, times 2^54.
  if (x < 2.2250738585072014e-308) return scalarLog(x * 18014398509481984.0) - 37.42994775023705
  return f64x2.extract_lane(log(splat(x)), 0)
}

function scalarExp(x: f64): f64 {
  return x === -Infinity ? 0 : f64x2.extract_lane(exp(splat(x)), 0)
}
