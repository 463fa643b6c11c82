// What each policy is expected to bring and to teach: G of a tile's agents, along the tree of policies.
import {
  FACTORS, FACTOR_ACTIONS, FACTOR_ALL, FACTOR_ALWAYS, FACTOR_AT, FACTOR_ROWS, FACTOR_ROWS_AT, FACTOR_ROW_OF,
  FACTOR_STATES, GROUPS, GROUP_ACTIONS, GROUP_ALL_OUTCOMES, GROUP_AMBIGUITY, GROUP_COMBINATIONS, GROUP_FACTORS,
  GROUP_FACTOR_TABLE, GROUP_OUTCOMES, GROUP_OUTCOME_OF, GROUP_OUTCOME_ROWS, GROUP_SIZE, GROUP_UTILITY,
  GROUP_VALUES_AT, GROUP_VALUE_OF, GROUP_WORTH, LEVEL_SUM, LEVEL_VALUES, NODES, NODE_ACTION, NODE_DEPTH,
  NODE_POLICY, POLICY_LEN, SCRATCH_BACKGROUND, SCRATCH_G, SCRATCH_JOINT, SCRATCH_OUTCOMES, SCRATCH_TEMP,
  USE_GAIN, WORTH_OF_BELIEF, WORTH_OF_JOINT,
} from '../words'
import { apply } from './linear-map'
import { addLine, copyLines, EPS, joinLines } from './lines'
import { parentBelief } from './perceive'
import { factorAt, groupAt, has, head, level, model, room, table, word } from './program'
import { add, gt, LINE, log, mul, SIZE, splat, splatAt, sub } from './real'

/** pymdp's threshold of a state that counts for the information gain: e^−16. */
const GAIN_EPS: f64 = 1.1253517471925912e-7

/**
 * `SCRATCH_G`[policy] = Σ over its steps of what its outcomes are worth: policy/node-value.ts has the formula. The tree
 * is walked depth first; what an action brings is the same for all nodes under one belief, and reckoned once for each.
 */
export function expectedFreeEnergy(): void {
  const nodes = head(NODES)
  const length = head(POLICY_LEN)
  memory.fill(level(0) + head(LEVEL_SUM), 0, LINE)
  evaluate(0)
  for (let node: u32 = 0; node < nodes; node++) {
    const depth = load<u32>(table(NODE_DEPTH) + (node << 2))
    const action = load<u32>(table(NODE_ACTION) + (node << 2))
    const leaf = depth === length
    const to = leaf
      ? room(SCRATCH_G) + load<u32>(table(NODE_POLICY) + (node << 2)) * LINE
      : level(depth) + head(LEVEL_SUM)
    addValues(depth - 1, action, to)
    if (leaf) continue
    enter(depth, action)
    evaluate(depth)
  }
}

/** What has been gathered up to a node, and what the action from it brings. */
function addValues(depth: u32, action: u32, to: usize): void {
  const values = level(depth) + head(LEVEL_VALUES)
  const groups = head(GROUPS)
  copyLines(level(depth) + head(LEVEL_SUM), to, 1)
  for (let g: u32 = 0; g < groups; g++) {
    const value = load<u32>(model + word(groupAt(g), GROUP_VALUE_OF) + (action << 2))
    addLine(values + value, to)
  }
}

/** The beliefs at a level: what the action predicts from the level above. */
function enter(depth: u32, action: u32): void {
  const factors = head(FACTORS)
  for (let f: u32 = 0; f < factors; f++) {
    const factor = factorAt(f)
    const own = load<u32>(table(FACTOR_ACTIONS) + ((action * factors + f) << 2))
    takePrediction(factor, depth - 1, own, level(depth) + word(factor, FACTOR_AT) * LINE)
  }
}

/** A factor's next belief under one of its own actions, of the predictions at a level. */
function takePrediction(factor: usize, depth: u32, own: u32, to: usize): void {
  const states = word(factor, FACTOR_STATES)
  const rows = level(depth) + word(factor, FACTOR_ROWS_AT)
  const which = model + word(factor, FACTOR_ROW_OF) + ((own * states) << 2)
  for (let s: u32 = 0; s < states; s++) copyLines(rows + load<u32>(which + (s << 2)), to + s * LINE, 1)
}

/** From the beliefs at a level: the predictions of each factor, and the worth of each group under each action. */
function evaluate(depth: u32): void {
  const factors = head(FACTORS)
  const last = depth + 1 === head(POLICY_LEN)
  for (let f: u32 = 0; f < factors; f++) {
    const factor = factorAt(f)
    if (last && word(factor, FACTOR_ALWAYS) === 0) continue
    const rows = level(depth) + word(factor, FACTOR_ROWS_AT)
    apply(model + word(factor, FACTOR_ALL), parentBelief(factor, level(depth)), rows, room(SCRATCH_BACKGROUND))
  }
  const groups = head(GROUPS)
  for (let g: u32 = 0; g < groups; g++) {
    const group = groupAt(g)
    const values = level(depth) + head(LEVEL_VALUES) + word(group, GROUP_VALUES_AT)
    if (word(group, GROUP_WORTH) === WORTH_OF_JOINT) worthOfJoint(group, depth, values)
    else worthOfOne(group, depth, values)
  }
}

/** A group of one factor: everything but the entropies is linear in the belief that its predictions follow from. */
function worthOfOne(group: usize, depth: u32, values: usize): void {
  const factor = factorAt(load<u32>(model + word(group, GROUP_FACTOR_TABLE)))
  const background = room(SCRATCH_BACKGROUND)
  let x = parentBelief(factor, level(depth))
  apply(model + load<u32>(model + word(group, GROUP_UTILITY) + (depth << 2)), x, values, background)
  if (!has(USE_GAIN)) return
  if (word(group, GROUP_WORTH) !== WORTH_OF_BELIEF) {
    x = takeOverThreshold(level(depth) + word(factor, FACTOR_ROWS_AT), word(factor, FACTOR_ROWS))
    apply(model + word(group, GROUP_AMBIGUITY), x, room(SCRATCH_OUTCOMES), background)
    const combinations = word(group, GROUP_COMBINATIONS)
    for (let c: u32 = 0; c < combinations; c++) addLine(room(SCRATCH_OUTCOMES) + c * LINE, values + c * LINE)
  }
  let outcomes = room(SCRATCH_OUTCOMES)
  if (word(group, GROUP_OUTCOMES) === 0) outcomes = x
  else apply(model + word(group, GROUP_OUTCOMES), x, outcomes, background)
  if (word(group, GROUP_WORTH) === WORTH_OF_BELIEF) takeEntropies(outcomes, word(group, GROUP_OUTCOME_ROWS))
  else takeSparseEntropies(outcomes, word(group, GROUP_OUTCOME_ROWS))
  sumEntropies(group, outcomes, values)
}

/** `SCRATCH_TEMP`: those over the threshold, 0 for the others. */
function takeOverThreshold(from: usize, lines: u32): usize {
  const to = room(SCRATCH_TEMP)
  const threshold = splat(GAIN_EPS)
  for (let at: usize = 0; at < lines * LINE; at += 16) {
    const q = v128.load(from + at)
    v128.store(to + at, v128.and(q, gt(q, threshold)))
  }
  return to
}

/** −q ln(q + ε), in place. */
function takeEntropies(at: usize, lines: u32): void {
  for (const end = at + lines * LINE; at < end; at += 32) {
    const one = v128.load(at)
    const other = v128.load(at, 16)
    v128.store(at, sub(splat(0), mul(one, log(add(one, splat(EPS))))))
    v128.store(at, sub(splat(0), mul(other, log(add(other, splat(EPS))))), 16)
  }
}

/** The same where the threshold has taken many out: what nothing is left of costs no logarithm. */
function takeSparseEntropies(at: usize, lines: u32): void {
  for (const end = at + lines * LINE; at < end; at += 16) {
    const q = v128.load(at)
    if (v128.any_true(q)) v128.store(at, sub(splat(0), mul(q, log(add(q, splat(EPS))))))
  }
}

/** Adds the entropies of each combination's outcomes to its value. */
function sumEntropies(group: usize, entropies: usize, values: usize): void {
  const combinations = word(group, GROUP_COMBINATIONS)
  const outcomes = word(group, GROUP_ALL_OUTCOMES)
  let which = model + word(group, GROUP_OUTCOME_OF)
  for (let c: u32 = 0; c < combinations; c++, values += LINE) {
    let a0 = v128.load(values)
    let a1 = v128.load(values, 16)
    let a2 = v128.load(values, 32)
    let a3 = v128.load(values, 48)
    for (const end = which + (outcomes << 2); which < end; which += 4) {
      const from = entropies + load<u32>(which)
      a0 = add(a0, v128.load(from))
      a1 = add(a1, v128.load(from, 16))
      a2 = add(a2, v128.load(from, 32))
      a3 = add(a3, v128.load(from, 48))
    }
    v128.store(values, a0)
    v128.store(values, a1, 16)
    v128.store(values, a2, 32)
    v128.store(values, a3, 48)
  }
}

/** A group of several factors, or one too large for a map of its own: one combination of actions after the other. */
function worthOfJoint(group: usize, depth: u32, values: usize): void {
  const combinations = word(group, GROUP_COMBINATIONS)
  const size = word(group, GROUP_SIZE)
  const joint = room(SCRATCH_JOINT)
  const outcomes = room(SCRATCH_OUTCOMES)
  const utility = model + load<u32>(model + word(group, GROUP_UTILITY) + (depth << 2))
  const rows = word(group, GROUP_OUTCOME_ROWS)
  for (let c: u32 = 0; c < combinations; c++, values += LINE) {
    joinPredictions(group, depth, c)
    memory.fill(values, 0, LINE)
    addExpected(utility, joint, size, values, false)
    if (!has(USE_GAIN)) continue
    addExpected(model + word(group, GROUP_AMBIGUITY), joint, size, values, true)
    apply(model + word(group, GROUP_OUTCOMES), joint, outcomes, room(SCRATCH_BACKGROUND))
    takeSparseEntropies(outcomes, rows)
    for (let o: u32 = 0; o < rows; o++) addLine(outcomes + o * LINE, values)
  }
}

/** `SCRATCH_JOINT`: the joint belief over the group's factors that one combination of their actions predicts. */
function joinPredictions(group: usize, depth: u32, combination: u32): void {
  const factors = word(group, GROUP_FACTORS)
  const own = model + word(group, GROUP_ACTIONS) + ((combination * factors) << 2)
  const joint = room(SCRATCH_JOINT)
  let size: u32 = 1
  for (let k: u32 = 0; k < factors; k++) {
    const factor = factorAt(load<u32>(model + word(group, GROUP_FACTOR_TABLE) + (k << 2)))
    const states = word(factor, FACTOR_STATES)
    if (k === 0) {
      takePrediction(factor, depth, load<u32>(own), joint)
      size = states
      continue
    }
    takePrediction(factor, depth, load<u32>(own + (k << 2)), room(SCRATCH_TEMP))
    size = joinLines(joint, size, room(SCRATCH_TEMP), states)
  }
}

/** Adds Σ weight[s]·q[s]; where asked, takes the states under the threshold out of q first. */
function addExpected(weights: usize, q: usize, lines: u32, to: usize, overThreshold: bool): void {
  for (let lane: usize = 0; lane < LINE; lane += 16) {
    let sum = v128.load(to + lane)
    let at = weights
    for (let i = q + lane; i < q + lines * LINE; i += LINE, at += SIZE) {
      let p = v128.load(i)
      if (overThreshold) {
        p = v128.and(p, gt(p, splat(GAIN_EPS)))
        v128.store(i, p)
      }
      sum = add(sum, mul(p, splatAt(at)))
    }
    v128.store(to + lane, sum)
  }
}
