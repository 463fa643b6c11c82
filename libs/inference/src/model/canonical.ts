// The one text of a model that its id is the hash of: RFC 8785 JSON with the defaults filled in.
import type { ValidModel } from './valid-model.js'

/**
 * Keys sorted, no white space, numbers as ECMAScript writes them, −0 as 0 (`validateModel` has made it so). A
 * model with and without its defaults spelled out has the same text; parsed again, it is a Model and
 * validates to the same.
 */
export function canonicalModel(model: ValidModel): string {
  const { numObs, numStates, numControls, aDependencies, bDependencies, policyLen } = model
  const statesOf = (factors: readonly number[]) => factors.map((factor) => numStates[factor])
  return object({
    A: list(model.A, (A, m) => nested(A, [numObs[m], ...statesOf(aDependencies[m])])),
    B: list(model.B, (B, f) => nested(B, [numStates[f], ...statesOf(bDependencies[f]), numControls[f]])),
    C: list(model.C, (C, m) => nested(C, C.length === numObs[m] ? [numObs[m]] : [numObs[m], policyLen])),
    D: list(model.D, (D) => nested(D, [D.length])),
    E: nested(model.E, [model.E.length]),
    A_dependencies: JSON.stringify(aDependencies),
    B_dependencies: JSON.stringify(bDependencies),
    options: object(optionTexts(model.options)),
  })
}

const optionTexts = (options: ValidModel['options']): Record<string, string> =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [name, JSON.stringify(value)]))

function object(members: Readonly<Record<string, string>>): string {
  const sorted = Object.keys(members).sort()
  return `{${sorted.map((name) => `${JSON.stringify(name)}:${members[name]}`).join()}}`
}

const list = (tensors: readonly Float64Array[], text: (tensor: Float64Array, at: number) => string): string =>
  `[${tensors.map(text).join()}]`

/** Row-major entries as nested arrays. */
function nested(flat: Float64Array, lengths: readonly number[]): string {
  const [length, ...inner] = lengths
  if (inner.length === 0) return `[${flat.join()}]`
  const size = flat.length / length
  const parts = Array.from({ length }, (_, i) => nested(flat.subarray(i * size, (i + 1) * size), inner))
  return `[${parts.join()}]`
}
