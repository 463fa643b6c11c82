// Rows as they lie in a slot: which may step, in which order, into a tile’s lanes and back. Used by index.ts
import {
  CONTROLS, FACTORS, FACTOR_AT, FACTOR_STATES, JOINTS, JOINT_ACTIONS, MODALITIES, MODALITY_OUTCOMES, OUTCOMES,
  POLICIES, ROW_BYTES, SCRATCH_BUCKETS, SCRATCH_G, SCRATCH_LANES, SCRATCH_MARKS, SCRATCH_ORDER, SCRATCH_Q_PI,
  STATES, TASK_ACTIONS, TASK_COUNT, TASK_ERRORS, TASK_EXPECTED_STEP, TASK_G, TASK_ITERATIONS, TASK_MARGIN,
  TASK_NOTES, TASK_OBSERVATIONS, TASK_Q_PI, TASK_ROWS, TASK_SOFT,
} from '../words'
import { factorAt, head, level, modalityAt, room, scratch, table, word } from './program'
import { gather, get, LANES, LINE, put, SINGLE, SIZE } from './real'

// Bytes in a row, and codes of errors: row/layout.ts and slot.ts.
const ROW_SEED: usize = 8
const ROW_LAST_ACTION: usize = 16
const ROW_FLAGS: usize = 20
const ROW_STATE: usize = 24
const HAS_ACTED: u32 = 1
const ROW_OK: i32 = 0
const ROW_WRONG_STEP: i32 = 1
const ROW_POISONED: i32 = 2
const ROW_BAD_OBSERVATION: i32 = 3
const SUM_TOLERANCE: f64 = 1e-6
export const NOT_SEEN: i32 = -1
export const SEEN_SOFTLY: i32 = -2

@inline export function rowAt(row: u32): usize { return word(scratch, TASK_ROWS) + row * head(ROW_BYTES) }
@inline export function seedOf(row: u32): u64 { return load<u64>(rowAt(row), ROW_SEED) }
@inline export function stepOf(row: u32): u64 { return load<u64>(rowAt(row)) }

/** The outcome of a modality that the agent of a row has seen, `NOT_SEEN` or `SEEN_SOFTLY`. */
@inline
export function seen(modality: u32, row: u32): i32 {
  return <i32>load<u32>(word(scratch, TASK_OBSERVATIONS) + ((modality * word(scratch, TASK_COUNT) + row) << 2))
}

/** f64 [outcomes of all modalities]: what the agent of a row has seen softly. */
@inline
export function softAt(row: u32): usize {
  return word(scratch, TASK_SOFT) + ((row * head(OUTCOMES)) << 3)
}

/**
 * Checks rows `from` to before `to`, at most `CHUNK`, and writes what is wrong with each to `errors`. Those that may
 * step stand in `SCRATCH_ORDER` afterwards, by their last actions, so that tiles hold agents that did the same; within
 * an action in their own order. Returns how many.
 */
export function orderRows(from: u32, to: u32): u32 {
  const errors = word(scratch, TASK_ERRORS)
  const buckets = room(SCRATCH_BUCKETS)
  const count = head(JOINTS) + 1
  memory.fill(buckets, 0, (count + 1) << 2)
  for (let row = from; row < to; row++) {
    const error = faultOf(row)
    store<i32>(errors + (row << 2), error)
    if (error !== ROW_OK) {
      clearRow(row)
      continue
    }
    const bucket = buckets + ((keyOf(row) + 1) << 2)
    store<u32>(bucket, load<u32>(bucket) + 1)
  }
  for (let i: u32 = 1; i <= count; i++) {
    const at = buckets + (i << 2)
    store<u32>(at, load<u32>(at) + load<u32>(at - 4))
  }
  const order = room(SCRATCH_ORDER)
  for (let row = from; row < to; row++) {
    if (load<i32>(errors + (row << 2)) !== ROW_OK) continue
    const bucket = buckets + (keyOf(row) << 2)
    const place = load<u32>(bucket)
    store<u32>(bucket, place + 1)
    store<u32>(order + (place << 2), row)
  }
  return load<u32>(buckets + ((count - 1) << 2))
}

/** 0 for an agent that has not acted yet, else its last joint action + 1. */
@inline
export function keyOf(row: u32): u32 {
  const at = rowAt(row)
  return (load<u32>(at, ROW_FLAGS) & HAS_ACTED) === 0 ? 0 : load<u32>(at, ROW_LAST_ACTION) + 1
}

function faultOf(row: u32): i32 {
  const at = rowAt(row)
  const expected = load<f64>(word(scratch, TASK_EXPECTED_STEP) + (row << 3))
  if (expected !== -1 && expected !== <f64>load<u64>(at)) return ROW_WRONG_STEP
  if (load<u32>(at, ROW_LAST_ACTION) >= head(JOINTS)) return ROW_POISONED
  const factors = head(FACTORS)
  for (let f: u32 = 0; f < factors; f++) {
    const factor = factorAt(f)
    const beliefs = at + ROW_STATE + (word(factor, FACTOR_AT) << 3)
    if (!isDistribution(beliefs, word(factor, FACTOR_STATES))) return ROW_POISONED
  }
  let soft: usize = word(scratch, TASK_SOFT) === 0 ? 0 : softAt(row)
  const modalities = head(MODALITIES)
  for (let m: u32 = 0; m < modalities; m++) {
    const outcomes = word(modalityAt(m), MODALITY_OUTCOMES)
    const outcome = seen(m, row)
    if (outcome === SEEN_SOFTLY) {
      if (soft === 0 || !isDistribution(soft, outcomes)) return ROW_BAD_OBSERVATION
    } else if (outcome < NOT_SEEN || outcome >= <i32>outcomes) return ROW_BAD_OBSERVATION
    if (soft !== 0) soft += outcomes << 3
  }
  return ROW_OK
}

/** False for NaN and Infinity too. The sum is in the order of row/sound.ts: both kernels refuse the same rows. */
function isDistribution(at: usize, length: u32): bool {
  let sum: f64 = 0
  for (const end = at + (length << 3); at < end; at += 8) {
    const p = load<f64>(at)
    if (p < 0) return false
    sum += p
  }
  return abs<f64>(sum - 1) <= SUM_TOLERANCE
}

/** The row of a lane of the tile at hand. */
@inline export function rowOf(lane: u32): u32 { return load<u32>(room(SCRATCH_LANES) + (lane << 2)) }

/**
 * Takes the next `agents` rows of the order, beginning with `first`, into the lanes of the tile; lanes that are left
 * hold the last of them again, and nobody looks at what becomes of it.
 */
export function takeTile(first: u32, agents: u32): void {
  const order = room(SCRATCH_ORDER)
  const lanes = room(SCRATCH_LANES)
  for (let lane: u32 = 0; lane < <u32>LANES; lane++)
    store<u32>(lanes + (lane << 2), load<u32>(order + ((first + min(lane, agents - 1)) << 2)))
  const states = head(STATES)
  const beliefs = level(0)
  if (SINGLE) {
    for (let lane: u32 = 0; lane < <u32>LANES; lane++) {
      const from = rowAt(rowOf(lane)) + ROW_STATE
      for (let s: u32 = 0; s < states; s++) put(beliefs + s * LINE + lane * SIZE, load<f64>(from + (s << 3)))
    }
    return
  }
  for (let lane: u32 = 0; lane < <u32>LANES; lane += 2) {
    const one = rowAt(rowOf(lane)) + ROW_STATE
    const other = rowAt(rowOf(lane + 1)) + ROW_STATE
    for (let s: u32 = 0; s < states; s++)
      v128.store(beliefs + s * LINE + lane * SIZE, gather(one + (s << 3), other + (s << 3)))
  }
}

/** What has come of a lane's step goes to its row and its outputs. */
export function writeLane(lane: u32, action: u32): void {
  const row = rowOf(lane)
  const at = rowAt(row)
  const column = room(SCRATCH_MARKS) + lane * SIZE
  store<u64>(at, load<u64>(at) + 1)
  store<u32>(at, action, ROW_LAST_ACTION)
  store<u32>(at, load<u32>(at, ROW_FLAGS) | HAS_ACTED, ROW_FLAGS)
  const states = head(STATES)
  copyColumn(level(0) + lane * SIZE, at + ROW_STATE, states)
  if (SINGLE) normaliseRow(at + ROW_STATE)
  const count = word(scratch, TASK_COUNT)
  const controls = head(CONTROLS)
  const chosen = table(JOINT_ACTIONS) + ((action * controls) << 2)
  for (let c: u32 = 0; c < controls; c++)
    store<u32>(word(scratch, TASK_ACTIONS) + ((c * count + row) << 2), load<u32>(chosen + (c << 2)))
  store<i32>(word(scratch, TASK_NOTES) + (row << 2), <i32>get(column))
  store<f64>(word(scratch, TASK_ITERATIONS) + (row << 3), get(column + LINE))
  const policies = head(POLICIES)
  if (word(scratch, TASK_Q_PI) !== 0)
    copyColumn(room(SCRATCH_Q_PI) + lane * SIZE, word(scratch, TASK_Q_PI) + ((row * policies) << 3), policies)
  if (word(scratch, TASK_G) !== 0)
    copyColumn(room(SCRATCH_G) + lane * SIZE, word(scratch, TASK_G) + ((row * policies) << 3), policies)
}

/** 24 bits of each belief sum to 1 but for their rounding, which a row must not keep. */
function normaliseRow(beliefs: usize): void {
  const factors = head(FACTORS)
  for (let f: u32 = 0; f < factors; f++) {
    const at = beliefs + (word(factorAt(f), FACTOR_AT) << 3)
    const end = at + (word(factorAt(f), FACTOR_STATES) << 3)
    let sum: f64 = 0
    for (let p = at; p < end; p += 8) sum += load<f64>(p)
    for (let p = at; p < end; p += 8) store<f64>(p, load<f64>(p) / sum)
  }
}

/** A slot is used again and again: a row that failed must not show what another job left there. */
function clearRow(row: u32): void {
  const count = word(scratch, TASK_COUNT)
  const controls = head(CONTROLS)
  const policies = head(POLICIES)
  for (let c: u32 = 0; c < controls; c++) {
    store<u32>(word(scratch, TASK_ACTIONS) + ((c * count + row) << 2), 0)
    store<f64>(word(scratch, TASK_MARGIN) + ((c * count + row) << 3), 0)
  }
  store<u32>(word(scratch, TASK_NOTES) + (row << 2), 0)
  store<f64>(word(scratch, TASK_ITERATIONS) + (row << 3), 0)
  if (word(scratch, TASK_Q_PI) !== 0) memory.fill(word(scratch, TASK_Q_PI) + ((row * policies) << 3), 0, policies << 3)
  if (word(scratch, TASK_G) !== 0) memory.fill(word(scratch, TASK_G) + ((row * policies) << 3), 0, policies << 3)
}

function copyColumn(from: usize, to: usize, length: u32): void {
  for (const end = to + (length << 3); to < end; to += 8, from += LINE) store<f64>(to, get(from))
}
