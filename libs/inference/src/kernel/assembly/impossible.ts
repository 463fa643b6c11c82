// Whether a model of several factors holds what an agent saw for possible at all, as belief/observe.ts has it.
import {
  FACTOR_AT, FACTOR_STATES, GROUPS, GROUP_FACTORS, GROUP_FACTOR_TABLE, GROUP_LIKELIHOOD, GROUP_MODALITIES,
  GROUP_MODALITY_TABLE, SCRATCH_JOINT, SCRATCH_LIKELIHOOD, SCRATCH_MARKS, SCRATCH_PRIOR, SCRATCH_TEMP,
} from '../words'
import { joinLines } from './lines'
import { couldShow } from './perceive'
import { factorAt, groupAt, head, model, room, word } from './program'
import { get, gt, LANES, LINE, put, SIZE, splat } from './real'

/** A belief up to this is none. */
export const CRUMB: f64 = 1e-12
export const NOTE_IMPOSSIBLE: f64 = 1
/** Below the logarithm of the stabiliser by rounding: a state whose likelihood is above has none of zero. */
const LOG_EPS: f64 = -36.84

/** Notes the lanes that have a group of which no joint state that the prior allows could have shown what was seen. */
export function noteImpossible(): void {
  const marks = room(SCRATCH_MARKS)
  const groups = head(GROUPS)
  for (let lane: usize = 0; lane < LINE; lane += 16) v128.store(marks + lane, splat(0))
  for (let g: u32 = 0; g < groups; g++) {
    const group = groupAt(g)
    const size = joinAllowed(group)
    const L = room(SCRATCH_LIKELIHOOD) + word(group, GROUP_LIKELIHOOD)
    for (let lane: u32 = 0; lane < <u32>LANES; lane++)
      if (!isPossible(group, lane, L, size)) put(marks + lane * SIZE, NOTE_IMPOSSIBLE)
  }
}

/** `SCRATCH_JOINT`: 1 for a joint state of the group that the prior allows, else 0. */
function joinAllowed(group: usize): u32 {
  const allowed = room(SCRATCH_TEMP)
  const joint = room(SCRATCH_JOINT)
  const factors = word(group, GROUP_FACTORS)
  let size: u32 = 1
  for (let lane: usize = 0; lane < LINE; lane += 16) v128.store(joint + lane, splat(1))
  for (let k: u32 = 0; k < factors; k++) {
    const factor = factorAt(load<u32>(model + word(group, GROUP_FACTOR_TABLE) + (k << 2)))
    const states = word(factor, FACTOR_STATES)
    const prior = room(SCRATCH_PRIOR) + word(factor, FACTOR_AT) * LINE
    for (let i: usize = 0; i < states * LINE; i += 16)
      v128.store(allowed + i, v128.and(gt(v128.load(prior + i), splat(CRUMB)), splat(1)))
    size = joinLines(joint, size, allowed, states)
  }
  return size
}

function isPossible(group: usize, lane: u32, L: usize, size: u32): bool {
  const allowed = room(SCRATCH_JOINT) + lane * SIZE
  for (let s: u32 = 0; s < size; s++)
    if (get(allowed + s * LINE) > 0 && get(L + s * LINE + lane * SIZE) > LOG_EPS) return true
  for (let s: u32 = 0; s < size; s++)
    if (get(allowed + s * LINE) > 0 && couldShowGroup(group, lane, s)) return true
  return false
}

function couldShowGroup(group: usize, lane: u32, s: u32): bool {
  const modalities = word(group, GROUP_MODALITIES)
  for (let i: u32 = 0; i < modalities; i++)
    if (!couldShow(load<u32>(model + word(group, GROUP_MODALITY_TABLE) + (i << 2)), lane, s)) return false
  return true
}
