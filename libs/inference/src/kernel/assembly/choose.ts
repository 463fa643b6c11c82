// From G to what to do: the posterior over policies, over each control's next action, and the action, lane by lane.
import {
  CONTROLS, CONTROL_TABLE, FIRST_ACTION, FULL_SAMPLING, JOINT_ACTIONS, LOG_E, NUMBERS, POLICIES, SCRATCH_G,
  SCRATCH_MARGINALS, SCRATCH_Q_PI, SCRATCH_SHARPENED, STOCHASTIC, TASK_COUNT, TASK_MARGIN,
} from '../words'
import { addLine, EPS, normalise, softmax } from './lines'
import { has, head, room, scratch, table, word } from './program'
import { uniform } from './random'
import { add, get, LANES, LINE, log, mul, SIZE, splat, splatAt, TIE } from './real'
import { rowOf, seedOf, stepOf } from './rows'

/** `SCRATCH_Q_PI` = softmax(γ·G + ln(E + ε)). */
export function policyPosterior(): void {
  const policies = head(POLICIES)
  const gamma = splat(load<f64>(table(NUMBERS)))
  const G = room(SCRATCH_G)
  const qPi = room(SCRATCH_Q_PI)
  for (let lane: usize = 0; lane < LINE; lane += 16) {
    for (let p: u32 = 0; p < policies; p++)
      v128.store(
        qPi + p * LINE + lane,
        add(mul(gamma, v128.load(G + p * LINE + lane)), splatAt(table(LOG_E) + p * SIZE)),
      )
    softmax(qPi + lane, policies * LINE)
  }
}

/** `SCRATCH_MARGINALS`[control][action]: q_pi of all policies that begin with it, normalised. */
export function actionMarginals(): void {
  const policies = head(POLICIES)
  const controls = head(CONTROLS)
  const marginals = room(SCRATCH_MARGINALS)
  let before: usize = 0
  for (let c: u32 = 0; c < controls; c++) {
    const lines = load<u32>(table(CONTROL_TABLE) + (c << 2)) * LINE
    const marginal = marginals + before
    memory.fill(marginal, 0, lines)
    for (let p: u32 = 0; p < policies; p++) {
      const joint = load<u32>(table(FIRST_ACTION) + (p << 2))
      const to = marginal + load<u32>(table(JOINT_ACTIONS) + ((joint * controls + c) << 2)) * LINE
      const from = room(SCRATCH_Q_PI) + p * LINE
      addLine(from, to)
    }
    normalise(marginal, lines)
    before += lines
  }
}

/** `SCRATCH_SHARPENED` = softmax(α ln(p + ε)) of a distribution: what a stochastic choice draws from. */
function sharpen(from: usize, lines: usize): void {
  const alpha = splat(load<f64>(table(NUMBERS), 8))
  const out = room(SCRATCH_SHARPENED)
  for (let lane: usize = 0; lane < LINE; lane += 16) {
    for (let i = lane; i < lines; i += LINE) v128.store(out + i, mul(alpha, log(add(v128.load(from + i), splat(EPS)))))
    softmax(out + lane, lines)
  }
}

/** The joint action of each lane, to `actions` (u32 [lane]), and by how much it leads, to the task’s margins. */
export function chooseActions(actions: usize): void {
  if (has(FULL_SAMPLING)) return choosePolicies(actions)
  const controls = head(CONTROLS)
  memory.fill(actions, 0, <usize>LANES << 2)
  let marginal = room(SCRATCH_MARGINALS)
  for (let c: u32 = 0; c < controls; c++) {
    const count = load<u32>(table(CONTROL_TABLE) + (c << 2))
    if (has(STOCHASTIC)) sharpen(marginal, count * LINE)
    for (let lane: u32 = 0; lane < <u32>LANES; lane++) {
      const action = chooseOne(marginal + lane * SIZE, count, lane, c)
      const at = actions + (lane << 2)
      store<u32>(at, load<u32>(at) * count + action)
      writeMargin(c, lane, lead(marginal + lane * SIZE, count, action))
    }
    marginal += count * LINE
  }
}

/** The first action of one whole policy each. */
function choosePolicies(actions: usize): void {
  const policies = head(POLICIES)
  const controls = head(CONTROLS)
  const qPi = room(SCRATCH_Q_PI)
  if (has(STOCHASTIC)) sharpen(qPi, policies * LINE)
  for (let lane: u32 = 0; lane < <u32>LANES; lane++) {
    const policy = chooseOne(qPi + lane * SIZE, policies, lane, 0)
    store<u32>(actions + (lane << 2), load<u32>(table(FIRST_ACTION) + (policy << 2)))
    const margin = lead(qPi + lane * SIZE, policies, policy)
    for (let c: u32 = 0; c < controls; c++) writeMargin(c, lane, margin)
  }
}

@inline
function writeMargin(control: u32, lane: u32, margin: f64): void {
  store<f64>(word(scratch, TASK_MARGIN) + ((control * word(scratch, TASK_COUNT) + rowOf(lane)) << 3), margin)
}

@inline
function chooseOne(weights: usize, count: u32, lane: u32, draw: u32): u32 {
  return has(STOCHASTIC) ? drawn(weights, count, lane, draw) : best(weights, count, lane, draw)
}

/** The index of the greatest weight; one of them by lot where several are within `TIE` of it. */
function best(weights: usize, count: u32, lane: u32, draw: u32): u32 {
  let most = -Infinity
  for (let i: u32 = 0; i < count; i++) if (get(weights + i * LINE) > most) most = get(weights + i * LINE)
  let ties = 0
  let first: u32 = 0
  for (let i = count; i-- > 0; ) {
    if (most - get(weights + i * LINE) > TIE) continue
    ties++
    first = i
  }
  if (ties <= 1) return first
  let skip = <i32>Math.floor(draw01(lane, draw) * <f64>ties)
  for (let i: u32 = 0; i < count; i++) if (most - get(weights + i * LINE) <= TIE && skip-- === 0) return i
  return 0
}

/** An index by lot, each with its sharpened probability; never one that has none. */
function drawn(weights: usize, count: u32, lane: u32, draw: u32): u32 {
  const sharpened = room(SCRATCH_SHARPENED) + lane * SIZE
  let total: f64 = 0
  for (let i: u32 = 0; i < count; i++) if (get(weights + i * LINE) > 0) total += get(sharpened + i * LINE)
  let left = draw01(lane, draw) * total
  let last: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const p = get(sharpened + i * LINE)
    if (get(weights + i * LINE) === 0 || p === 0) continue
    last = i
    left -= p
    if (left < 0) return i
  }
  return last
}

@inline
function draw01(lane: u32, draw: u32): f64 {
  const row = rowOf(lane)
  return uniform(seedOf(row), stepOf(row), draw)
}

/** By how much what was chosen is ahead of the best of the others. */
function lead(weights: usize, count: u32, chosen: u32): f64 {
  let other: f64 = 0
  for (let i: u32 = 0; i < count; i++) {
    const weight = get(weights + i * LINE)
    if (i !== chosen && weight > other) other = weight
  }
  return get(weights + chosen * LINE) - other
}
