// The new belief about one factor: a normalised product, in logarithms only where it could underflow.
import {
  EXACT, MAY_UNDERFLOW, MODALITIES, SCRATCH_LIKELIHOOD, SCRATCH_MARKS, SCRATCH_PRIOR, SCRATCH_SEEN,
  SCRATCH_TEMP, STATES, TASK_SOFT,
} from '../words'
import { CRUMB, NOTE_IMPOSSIBLE } from './impossible'
import { EPS } from './lines'
import { couldShow, seenRow } from './perceive'
import { has, head, level, room, scratch, word } from './program'
import { add, allTrue, div, exp, first, gather, get, gt, LANES, LINE, log, mul, put, SINGLE, SIZE, splat } from './real'

/** A likelihood up to this is that of the stabiliser: belief/observe.ts */
const CRUMB_OF_LIKELIHOOD: f64 = 1.0033e-16

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
    if (SINGLE) {
      for (let lane: u32 = 0; lane < <u32>LANES; lane++)
        takeOne(load<u32>(pointers + (lane << 2)), likelihood + lane * SIZE)
      continue
    }
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

/** Of one lane; in single precision there is one modality. */
@inline
function takeOne(from: usize, to: usize): void {
  const states = head(STATES)
  for (let s: u32 = 0; s < states; s++) put(to + s * LINE, get(from + s * SIZE))
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
  const sound = has(EXACT) ? isSafe(prior, likelihood, beliefs, total) : possible
  if (!allTrue(sound)) settle(at, sound, states)
}

/** Evidence, or a state's share of it, under this may have lost digits: the lane is reckoned again in logarithms. */
const SAFE: f64 = 1e-200
const SAFE_OF_STATE: f64 = 1e-290

/** Exact filtering: the lanes in which no state that is possible has come near the smallest number that there is. */
function isSafe(prior: usize, likelihood: usize, beliefs: usize, total: v128): v128 {
  const nothing = splat(0)
  if (has(MAY_UNDERFLOW) || word(scratch, TASK_SOFT) !== 0) return nothing
  let lost = i64x2.splat(0)
  const end = head(STATES) * LINE
  for (let i: usize = 0; i < end; i += LINE) {
    const canBe = v128.and(gt(v128.load(prior + i), nothing), gt(v128.load(likelihood + i), nothing))
    // What has been divided by the total: its share of the evidence is as large at least.
    const weight = mul(v128.load(beliefs + i), total)
    lost = v128.or(lost, v128.andnot(canBe, gt(weight, splat(SAFE_OF_STATE))))
  }
  return v128.andnot(gt(total, splat(SAFE)), lost)
}

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
  return first(log(splat(x)))
}

function scalarExp(x: f64): f64 {
  return x === -Infinity ? 0 : first(exp(splat(x)))
}
