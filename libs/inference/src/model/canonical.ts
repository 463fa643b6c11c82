// The one text of a model that its id is the hash of: RFC 8785 JSON with the defaults filled in.
import { decodeAction } from './policies.js'
import type { ValidModel } from './valid-model.js'

/**
 * Keys sorted, no white space, numbers as ECMAScript writes them, −0 as 0 (`validateModel` has made it so). A
 * model with and without its defaults spelled out has the same text; parsed again, it is a Model and
 * validates to the same.
 */
export function canonicalModel(model: ValidModel): string {
  const { numObs, numStates, numControls, aDependencies, bDependencies, bControls, policies } = model
  const statesOf = (factors: readonly number[]) => factors.map((factor) => numStates[factor])
  const ofA = aDependencies.map((factors, m) => [numObs[m], ...statesOf(factors)])
  const ofB = bDependencies.map((factors, f) => [
    numStates[f],
    ...statesOf(factors),
    ...bControls[f].map((control) => numControls[control]),
  ])
  const ofC = model.C.map((C, m) =>
    C.length === numObs[m] ? [numObs[m]] : [numObs[m], C.length / numObs[m]],
  )
  const ofStates = numStates.map((states) => [states])
  return object({
    A: list(model.A, ofA),
    B: list(model.B, ofB),
    C: list(model.C, ofC),
    D: list(model.D, ofStates),
    E: nested(model.E, [policies]),
    ...(model.pA.every(isNull) ? {} : { pA: list(model.pA, ofA) }),
    ...(model.pB.every(isNull) ? {} : { pB: list(model.pB, ofB) }),
    ...(model.pD.every(isNull) ? {} : { pD: list(model.pD, ofStates) }),
    ...(model.pE === null ? {} : { pE: nested(model.pE, [policies]) }),
    ...(model.H.every(isNull) ? {} : { H: list(model.H, ofStates) }),
    ...(model.listed === null ? {} : { policies: text(listedPolicies(model, model.listed)) }),
    A_dependencies: text(aDependencies),
    B_dependencies: text(bDependencies),
    B_action_dependencies: text(bControls),
    options: text(statedOptions(model)),
  })
}

const isNull = (value: unknown): boolean => value === null

const listedPolicies = ({ numControls, policyLen }: ValidModel, listed: Uint32Array): number[][][] =>
  Array.from({ length: listed.length / policyLen }, (_, policy) =>
    Array.from({ length: policyLen }, (_, t) => decodeAction(numControls, listed[policy * policyLen + t])),
  )

/** All of them, but what a list of policies says itself. */
function statedOptions({ options, listed }: ValidModel): object {
  if (listed === null) return options
  return Object.fromEntries(Object.entries(options).filter(([name]) => name !== 'controllable'))
}

/** Keys sorted, at every depth. */
function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return object(Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, text(inner)])))
}

function object(members: Readonly<Record<string, string>>): string {
  const sorted = Object.keys(members).sort()
  return `{${sorted.map((name) => `${JSON.stringify(name)}:${members[name]}`).join()}}`
}

const list = (tensors: readonly (Float64Array | null)[], lengths: readonly (readonly number[])[]): string =>
  `[${tensors.map((flat, i) => (flat === null ? 'null' : nested(flat, lengths[i]))).join()}]`

/** Row-major entries as nested arrays. */
function nested(flat: Float64Array, lengths: readonly number[]): string {
  const [length, ...inner] = lengths
  if (inner.length === 0) return `[${flat.join()}]`
  const size = flat.length / length
  const parts = Array.from({ length }, (_, i) => nested(flat.subarray(i * size, (i + 1) * size), inner))
  return `[${parts.join()}]`
}
