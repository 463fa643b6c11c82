// Policies as a tree: those that begin alike share their first predictions. Odometer, last factor fastest.

/** What decides the set of policies: all sequences of `policyLen` joint actions. */
export interface PolicySpace {
  /** Actions of each factor. */
  readonly numControls: readonly number[]
  readonly policyLen: number
}

/** A joint action is one number: mixed radix over the factors' actions, last factor fastest. */
export const countJointActions = (numControls: readonly number[]): number =>
  numControls.reduce((product, controls) => product * controls, 1)

/** May be Infinity: it is compared with a limit before anything is made. */
export const countPolicies = ({ numControls, policyLen }: PolicySpace): number =>
  countJointActions(numControls) ** policyLen

/** Nodes of the tree without its root: predictions that a step makes. */
export function countNodes({ numControls, policyLen }: PolicySpace): number {
  const branches = countJointActions(numControls)
  let nodes = 0
  for (let depth = 1; depth <= policyLen; depth++) nodes += branches ** depth
  return nodes
}

export function encodeAction(numControls: readonly number[], action: ArrayLike<number>): number {
  let joint = 0
  for (let f = 0; f < numControls.length; f++) joint = joint * numControls[f] + action[f]
  return joint
}

export function decodeAction(numControls: readonly number[], joint: number): number[] {
  const action: number[] = []
  let rest = joint
  for (let f = numControls.length - 1; f >= 0; f--) {
    action.unshift(rest % numControls[f])
    rest = Math.floor(rest / numControls[f])
  }
  return action
}

/** The actions of policy `policy`, as pymdp lists them: `[step][factor]`. */
export function policyActions({ numControls, policyLen }: PolicySpace, policy: number): number[][] {
  const branches = countJointActions(numControls)
  return Array.from({ length: policyLen }, (_, depth) =>
    decodeAction(numControls, Math.floor(policy / branches ** (policyLen - 1 - depth)) % branches),
  )
}

export interface PolicyTree {
  /**
   * Depth of each node from 1, parents before children, children in order: leaves come in the order of
   * policies.
   */
  readonly nodeDepth: Uint32Array
  /** The joint action that leads to each node. */
  readonly nodeAction: Uint32Array
  /** The first joint action of each policy. */
  readonly firstAction: Uint32Array
}

export function fillPolicyTree({ numControls, policyLen }: PolicySpace, tree: PolicyTree): void {
  const branches = countJointActions(numControls)
  const policies = branches ** policyLen
  let node = 0
  for (let policy = 0; policy < policies; policy++) {
    let below = policies
    for (let depth = 1; depth <= policyLen; depth++) {
      below /= branches
      // A node is new with the first policy under it.
      if (policy % below !== 0) continue
      tree.nodeDepth[node] = depth
      tree.nodeAction[node++] = Math.floor(policy / below) % branches
    }
    tree.firstAction[policy] = Math.floor(policy / (policies / branches))
  }
}
