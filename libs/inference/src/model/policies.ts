// Policies: all sequences of actions or a list, and the tree of those that begin alike. Last control fastest.

/** What decides the set of policies: all sequences of `policyLen` joint actions, or a list. */
export interface PolicySpace {
  /** Actions of each control. */
  readonly numControls: readonly number[]
  /** The controls that policies vary, ascending; the others keep action 0. */
  readonly controllable: readonly number[]
  readonly policyLen: number
  /** Policies, and nodes of their tree without its root: predictions that a step makes. May be Infinity. */
  readonly policies: number
  readonly nodes: number
}

/** A joint action is one number: mixed radix over the controls' actions, last control fastest. */
export const countJointActions = (numControls: readonly number[]): number =>
  numControls.reduce((product, controls) => product * controls, 1)

type Choices = Pick<PolicySpace, 'numControls' | 'controllable'>

/** Joint actions that a policy may take. */
const countChoices = ({ numControls, controllable }: Choices): number =>
  controllable.reduce((product, control) => product * (numControls[control] ?? 1), 1)

/** Of all sequences; may be Infinity: it is compared with a limit before anything is made. */
export function countAll(
  space: Choices & { readonly policyLen: number },
): Pick<PolicySpace, 'policies' | 'nodes'> {
  const branches = countChoices(space)
  let nodes = 0
  for (let depth = 1; depth <= space.policyLen; depth++) nodes += branches ** depth
  return { policies: branches ** space.policyLen, nodes }
}

/** Of a list, [policy][t]: nodes are its different beginnings. */
export function countListed(listed: Uint32Array, policyLen: number): Pick<PolicySpace, 'policies' | 'nodes'> {
  const order = inOrder(listed, policyLen)
  let nodes = 0
  order.forEach((policy, i) => (nodes += policyLen - shared(listed, policyLen, [order[i - 1], policy])))
  return { policies: order.length, nodes }
}

export function encodeAction(numControls: readonly number[], action: ArrayLike<number>): number {
  let joint = 0
  for (let c = 0; c < numControls.length; c++) joint = joint * numControls[c] + action[c]
  return joint
}

export function decodeAction(numControls: readonly number[], joint: number): number[] {
  const action: number[] = []
  let rest = joint
  for (let c = numControls.length - 1; c >= 0; c--) {
    action.unshift(rest % numControls[c])
    rest = Math.floor(rest / numControls[c])
  }
  return action
}

/** All sequences as pymdp lists them, [policy][t]: joint actions. */
export function allPolicies(space: PolicySpace): Uint32Array {
  const { numControls, policyLen, policies } = space
  const choices = allChoices(space)
  const actions = new Uint32Array(policies * policyLen)
  for (let policy = 0; policy < policies; policy++) {
    let rest = policy
    for (let t = policyLen - 1; t >= 0; t--) {
      actions[policy * policyLen + t] = encodeAction(numControls, choices[rest % choices.length])
      rest = Math.floor(rest / choices.length)
    }
  }
  return actions
}

/** Every action[control] that a policy may take, last control fastest. */
function allChoices(space: Choices): number[][] {
  const { numControls, controllable } = space
  const varied = controllable.map((control) => numControls[control])
  return Array.from({ length: countChoices(space) }, (_, choice) => {
    const chosen = decodeAction(varied, choice)
    return numControls.map((_, control) => chosen[controllable.indexOf(control)] ?? 0)
  })
}

/** The actions of policy `policy`: `[step][control]`. */
export function policyActions(
  { numControls, policyLen, policyAction }: Pick<PolicySpace, 'numControls' | 'policyLen'> & PolicyTree,
  policy: number,
): number[][] {
  return Array.from({ length: policyLen }, (_, t) =>
    decodeAction(numControls, policyAction[policy * policyLen + t]),
  )
}

export interface PolicyTree {
  /** Depth of each node from 1, parents before children. */
  readonly nodeDepth: Uint32Array
  /** The joint action that leads to each node. */
  readonly nodeAction: Uint32Array
  /** The policy of each node at the last depth; of others 0. */
  readonly nodePolicy: Uint32Array
  /** [policy][t]: the joint actions of each policy. */
  readonly policyAction: Uint32Array
}

/** From `policyAction`, which is filled already. Policies that begin alike need not stand side by side. */
export function fillPolicyTree({ policyLen }: PolicySpace, tree: PolicyTree): void {
  const { nodeDepth, nodeAction, nodePolicy, policyAction } = tree
  const order = inOrder(policyAction, policyLen)
  let node = 0
  order.forEach((policy, i) => {
    // A node is new from where this policy parts from the one before.
    for (let t = shared(policyAction, policyLen, [order[i - 1], policy]); t < policyLen; t++) {
      nodeDepth[node] = t + 1
      nodeAction[node] = policyAction[policy * policyLen + t]
      nodePolicy[node++] = t + 1 === policyLen ? policy : 0
    }
  })
}

/** Policies by their actions, so that those that begin alike stand side by side. */
function inOrder(actions: Uint32Array, policyLen: number): Uint32Array {
  const policies = Uint32Array.from({ length: actions.length / policyLen }, (_, policy) => policy)
  return policies.sort((a, b) => {
    const t = shared(actions, policyLen, [a, b])
    return t === policyLen ? 0 : actions[a * policyLen + t] - actions[b * policyLen + t]
  })
}

/** Steps that two policies have in common at their beginning; none where there is no first one. */
function shared(
  actions: Uint32Array,
  policyLen: number,
  [a, b]: readonly [number | undefined, number],
): number {
  if (a === undefined) return 0
  let t = 0
  while (t < policyLen && actions[a * policyLen + t] === actions[b * policyLen + t]) t++
  return t
}
