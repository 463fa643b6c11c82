// Beliefs about several factors by fixed-point iteration, as belief/fixed-point.ts has it, for the agents of a tile.
import {
  FACTORS, FACTOR_AT, FACTOR_STATES, FOLLOW, GROUPS, GROUP_FACTORS, GROUP_FACTOR_TABLE, GROUP_LIKELIHOOD,
  GROUP_MESSAGES, GROUP_MODALITIES, GROUP_MODALITY_TABLE, GROUP_SIZE, NUMBERS, NUM_ITER, SCRATCH_JOINT,
  SCRATCH_LIKELIHOOD, SCRATCH_LOG_PRIOR, SCRATCH_MARKS, SCRATCH_MESSAGES, SCRATCH_PRIOR, SCRATCH_TEMP,
  SEQUENTIAL, STATES,
} from '../words'
import { noteImpossible } from './impossible'
import { addLine, EPS, softmax } from './lines'
import { seenRow } from './perceive'
import { factorAt, groupAt, has, head, level, model, room, table, word } from './program'
import { abs, add, first, ge, get, LANES, LINE, log, mul, put, SIZE, splat, sub } from './real'
import { rowOf, seen, SEEN_SOFTLY } from './rows'

// Lines behind each other in `SCRATCH_MARKS`: notes, iterations, then what a sweep keeps.
const ITERATIONS: usize = LINE
/** All bits set for a lane that still moves. */
const MOVING: usize = 2 * LINE
const FREE_ENERGY: usize = 3 * LINE
const ACCURACY: usize = 4 * LINE

/** Whether a sweep has changed any bit of any belief of the tile. */
let changed: bool = false

/** From `SCRATCH_PRIOR` and what was seen to level 0. A lane that has settled stays as it is while others move on. */
export function inferFixedPoint(): void {
  const marks = room(SCRATCH_MARKS)
  const several = head(FACTORS) > 1
  const follow = several && has(FOLLOW)
  const most: u32 = several ? head(NUM_ITER) : 1
  observe()
  beginUniform()
  gatherMessages()
  for (let at: usize = 0; at < LINE; at += 16) {
    v128.store(marks + ITERATIONS + at, splat(0))
    v128.store(marks + MOVING + at, i64x2.splat(-1))
  }
  if (follow) complexity(true)
  for (let sweep: u32 = 0; sweep < most; sweep++) {
    if (follow && settled(sweep === 0)) break
    changed = false
    if (has(SEQUENTIAL)) updateInTurn()
    else updateAll()
    // What a sweep leaves as it was to the bit, those to come leave too: they are counted as done.
    const done: f64 = follow || changed ? 1 : <f64>(most - sweep)
    for (let at: usize = marks + ITERATIONS; at < marks + MOVING; at += 16)
      v128.store(at, add(v128.load(at), v128.and(v128.load(at, LINE), splat(done))))
    if (!follow && !changed) break
    if (several) gatherMessages()
  }
  noteImpossible()
}

/** L[g][joint state] = Σ_m ln(A[m][o_m] + ε) over the group's modalities, and ln(prior + ε). */
function observe(): void {
  const groups = head(GROUPS)
  for (let g: u32 = 0; g < groups; g++) {
    const group = groupAt(g)
    const size = word(group, GROUP_SIZE)
    const L = room(SCRATCH_LIKELIHOOD) + word(group, GROUP_LIKELIHOOD)
    memory.fill(L, 0, size * LINE)
    const modalities = word(group, GROUP_MODALITIES)
    for (let i: u32 = 0; i < modalities; i++) {
      const m = load<u32>(model + word(group, GROUP_MODALITY_TABLE) + (i << 2))
      for (let lane: u32 = 0; lane < <u32>LANES; lane++) takeLogarithms(m, lane, L + lane * SIZE, size)
    }
  }
  const lines = head(STATES) * LINE
  for (let at: usize = 0; at < lines; at += 16)
    v128.store(room(SCRATCH_LOG_PRIOR) + at, log(add(v128.load(room(SCRATCH_PRIOR) + at), splat(EPS))))
}

function takeLogarithms(m: u32, lane: u32, L: usize, size: u32): void {
  const from = seenRow(m, lane, EPS)
  if (seen(m, rowOf(lane)) === SEEN_SOFTLY) {
    for (let s: u32 = 0; s < size; s++)
      put(L + s * LINE, get(L + s * LINE) + first(log(splat(get(from + s * SIZE)))))
    return
  }
  for (let s: u32 = 0; s < size; s++) put(L + s * LINE, get(L + s * LINE) + get(from + s * SIZE))
}

function beginUniform(): void {
  const factors = head(FACTORS)
  for (let f: u32 = 0; f < factors; f++) {
    const states = word(factorAt(f), FACTOR_STATES)
    const at = level(0) + word(factorAt(f), FACTOR_AT) * LINE
    const share = splat(1 / <f64>states)
    for (let to = at; to < at + states * LINE; to += 16) v128.store(to, share)
  }
}

/** messages[f][s] = Σ over groups of L expected under the beliefs about all other factors; and the accuracy. */
function gatherMessages(): void {
  memory.fill(room(SCRATCH_MESSAGES), 0, head(STATES) * LINE)
  memory.fill(room(SCRATCH_MARKS) + ACCURACY, 0, LINE)
  const groups = head(GROUPS)
  for (let g: u32 = 0; g < groups; g++) {
    const group = groupAt(g)
    const factors = word(group, GROUP_FACTORS)
    let message = model + word(group, GROUP_MESSAGES)
    for (let k: u32 = 0; k < factors; k++) message = addMessage(group, k, message, k === 0 && has(FOLLOW))
  }
}

/** Adds a group's message to its `k`-th factor; returns where the next one's contractions are. */
function addMessage(group: usize, k: u32, contractions: usize, expect: bool): usize {
  let tensor = room(SCRATCH_LIKELIHOOD) + word(group, GROUP_LIKELIHOOD)
  const count = load<u32>(contractions)
  let at = contractions + 4
  for (let i: u32 = 0; i < count; i++, at += 16) {
    contract(tensor, load<u32>(at), load<u32>(at, 4), load<u32>(at, 8), level(0) + load<u32>(at, 12))
    tensor = room(SCRATCH_JOINT)
  }
  const factor = factorAt(load<u32>(model + word(group, GROUP_FACTOR_TABLE) + (k << 2)))
  const lines = word(factor, FACTOR_STATES) * LINE
  const message = room(SCRATCH_MESSAGES) + word(factor, FACTOR_AT) * LINE
  const q = level(0) + word(factor, FACTOR_AT) * LINE
  const accuracy = room(SCRATCH_MARKS) + ACCURACY
  for (let i: usize = 0; i < lines; i += LINE) addLine(tensor + i, message + i)
  if (!expect) return at
  for (let lane: usize = 0; lane < LINE; lane += 16) {
    let sum = splat(0)
    for (let i = lane; i < lines; i += LINE) sum = add(sum, mul(v128.load(tensor + i), v128.load(q + i)))
    v128.store(accuracy + lane, add(v128.load(accuracy + lane), sum))
  }
  return at
}

/** `SCRATCH_JOINT`[o, i] = Σ_s tensor[o, s, i]·q[s]; the tensor may be there itself. */
function contract(tensor: usize, outer: u32, states: u32, inner: u32, q: usize): void {
  let to = room(SCRATCH_JOINT)
  const stride = inner * LINE
  const end = q + states * LINE
  for (let o: u32 = 0; o < outer; o++) {
    for (let i: u32 = 0; i < inner; i++, to += LINE) {
      let from = tensor + (o * states * inner + i) * LINE
      let a = mul(v128.load(from), v128.load(q))
      let b = mul(v128.load(from, 16), v128.load(q, 16))
      let c = mul(v128.load(from, 32), v128.load(q, 32))
      let d = mul(v128.load(from, 48), v128.load(q, 48))
      for (let by = q + LINE; by < end; by += LINE) {
        from += stride
        a = add(a, mul(v128.load(from), v128.load(by)))
        b = add(b, mul(v128.load(from, 16), v128.load(by, 16)))
        c = add(c, mul(v128.load(from, 32), v128.load(by, 32)))
        d = add(d, mul(v128.load(from, 48), v128.load(by, 48)))
      }
      v128.store(to, a)
      v128.store(to, b, 16)
      v128.store(to, c, 32)
      v128.store(to, d, 48)
    }
  }
}

/** q = softmax(messages + ln prior), all factors at once. */
function updateAll(): void {
  const factors = head(FACTORS)
  for (let f: u32 = 0; f < factors; f++) update(factorAt(f))
}

/** The same, each factor from messages that know of the ones before it. */
function updateInTurn(): void {
  const factors = head(FACTORS)
  const groups = head(GROUPS)
  for (let f: u32 = 0; f < factors; f++) {
    const factor = factorAt(f)
    memory.fill(
      room(SCRATCH_MESSAGES) + word(factor, FACTOR_AT) * LINE,
      0,
      word(factor, FACTOR_STATES) * LINE,
    )
    for (let g: u32 = 0; g < groups; g++) {
      const group = groupAt(g)
      let message = model + word(group, GROUP_MESSAGES)
      for (let k: u32 = 0; k < word(group, GROUP_FACTORS); k++) {
        if (load<u32>(model + word(group, GROUP_FACTOR_TABLE) + (k << 2)) === f)
          message = addMessage(group, k, message, false)
        else message += 4 + (load<u32>(message) << 4)
      }
    }
    update(factor)
  }
}

function update(factor: usize): void {
  const at = word(factor, FACTOR_AT) * LINE
  const lines = word(factor, FACTOR_STATES) * LINE
  const message = room(SCRATCH_MESSAGES) + at
  const logPrior = room(SCRATCH_LOG_PRIOR) + at
  const q = level(0) + at
  const weights = room(SCRATCH_TEMP)
  for (let lane: usize = 0; lane < LINE; lane += 16) {
    for (let i = lane; i < lines; i += LINE)
      v128.store(weights + i, add(v128.load(message + i), v128.load(logPrior + i)))
    softmax(weights + lane, lines)
    const moving = v128.load(room(SCRATCH_MARKS) + MOVING + lane)
    let differs = i64x2.splat(0)
    for (let i = lane; i < lines; i += LINE) {
      const before = v128.load(q + i)
      const now = v128.bitselect(v128.load(weights + i), before, moving)
      differs = v128.or(differs, v128.xor(now, before))
      v128.store(q + i, now)
    }
    if (v128.any_true(differs)) changed = true
  }
}

/** Σ q (ln(q + ε) − ln(prior + ε)), and what it was the free energy of goes to the marks. */
function complexity(first: bool): void {
  const lines = head(STATES) * LINE
  for (let lane: usize = 0; lane < LINE; lane += 16) {
    const vfe = room(SCRATCH_MARKS) + FREE_ENERGY + lane
    let sum = splat(0)
    for (let i = lane; i < lines; i += LINE) {
      const q = v128.load(level(0) + i)
      sum = add(sum, mul(q, sub(log(add(q, splat(EPS))), v128.load(room(SCRATCH_LOG_PRIOR) + i))))
    }
    v128.store(vfe, first ? sum : sub(sum, v128.load(vfe, LINE)))
  }
}

/** Stops the lanes whose free energy has hardly changed in the last sweep; true where none moves any more. */
function settled(first: bool): bool {
  const marks = room(SCRATCH_MARKS)
  const tolerance = splat(load<f64>(table(NUMBERS), 24))
  let any = i64x2.splat(0)
  if (first) {
    // pymdp begins with a change of dF.
    return load<f64>(table(NUMBERS), 16) < load<f64>(table(NUMBERS), 24)
  }
  for (let lane: usize = 0; lane < LINE; lane += 16)
    v128.store(room(SCRATCH_TEMP) + lane, v128.load(marks + FREE_ENERGY + lane))
  complexity(false)
  for (let lane: usize = 0; lane < LINE; lane += 16) {
    const change = abs(sub(v128.load(room(SCRATCH_TEMP) + lane), v128.load(marks + FREE_ENERGY + lane)))
    const moving = v128.and(v128.load(marks + MOVING + lane), ge(change, tolerance))
    v128.store(marks + MOVING + lane, moving)
    any = v128.or(any, moving)
  }
  return !v128.any_true(any)
}
