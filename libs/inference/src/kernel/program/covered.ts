// Which models the batched kernel covers. Used by build.ts; the reference kernel steps the others.
import type { ModelShape } from '../../model/layout.js'
import type { Options } from '../../model/options.js'

/** Whether the batched kernel does all that a model asks for. Hangs on the shape alone, not on the numbers. */
export function isCovered({ options, counted, goals, aDependencies }: ModelShape): boolean {
  return (
    Object.entries(OPTIONS).every(([name, covered]) => covered(options[name as keyof Options] as never)) &&
    !counted.E &&
    ![...counted.A, ...counted.B, ...counted.D, ...goals].includes(true) &&
    aDependencies.every((factors) => factors.length > 0)
  )
}

const always = (): boolean => true
/** What only models of another kind of inference or planning, or with counts or goals, can have at all. */
const ofOthers = always

/** Which values of each option the kernel covers. A new option does not compile until it stands here. */
const OPTIONS: { readonly [Name in keyof Options]: (value: Options[Name]) => boolean } = {
  inference: (value) => value !== 'messagePassing',
  precision: always,
  planning: (value) => value === 'policies',
  planEvery: (value) => value === 1,
  updateGamma: (value) => !value,
  useParamInfoGain: (value) => !value,
  numIter: always,
  sweeps: always,
  dF: always,
  dFTol: always,
  computeVfe: always,
  policyLen: always,
  controllable: always,
  useUtility: always,
  useStatesInfoGain: always,
  gamma: always,
  alpha: always,
  actionSelection: always,
  samplingMode: always,
  window: ofOthers,
  gradientDescent: ofOthers,
  tau: ofOthers,
  matchPymdp: ofOthers,
  horizon: ofOthers,
  policyPruneThreshold: ofOthers,
  outcomePruneThreshold: ofOthers,
  prunePenalty: ofOthers,
  nodeBudget: ofOthers,
  inductiveDepth: ofOthers,
  inductiveThreshold: ofOthers,
  learning: ofOthers,
}
