// Which options go together, and with what else of a model. Used by shape.ts
import { type Model, shown } from '@cohort/contracts'
import { type Countable, DEFAULTS, type Options, type PlainOptions } from '../options.js'
import { checkUnread, hasSome } from './counts.js'
import type { Faults } from './faults.js'

type Name = keyof PlainOptions

/** Options that mean something only under a condition: elsewhere they must be left out, or be their default. */
const ONLY_WITH: readonly (readonly [Name, string, (options: Options, model: Model) => boolean])[] = [
  ...(['sweeps', 'dF', 'dFTol', 'computeVfe'] as const).map(
    (name) =>
      [name, 'inference: fixedPoint', ({ inference }: Options) => inference === 'fixedPoint'] as const,
  ),
  ...(['window', 'gradientDescent', 'tau', 'updateGamma'] as const).map(
    (name) =>
      [
        name,
        'inference: messagePassing',
        ({ inference }: Options) => inference === 'messagePassing',
      ] as const,
  ),
  ...(['dF', 'dFTol'] as const).map(
    (name) => [name, 'computeVfe: true', ({ computeVfe }: Options) => computeVfe] as const,
  ),
  ['numIter', 'inference: fixedPoint or messagePassing', ({ inference }) => inference !== 'exact'],
  ...(
    ['horizon', 'policyPruneThreshold', 'outcomePruneThreshold', 'prunePenalty', 'nodeBudget'] as const
  ).map(
    (name) =>
      [name, 'planning: sophisticated', ({ planning }: Options) => planning === 'sophisticated'] as const,
  ),
  ...(['policyLen', 'planEvery', 'useParamInfoGain'] as const).map(
    (name) => [name, 'planning: policies', ({ planning }: Options) => planning === 'policies'] as const,
  ),
  ['tau', 'gradientDescent: true', ({ gradientDescent }) => gradientDescent],
  ...(['inductiveDepth', 'inductiveThreshold'] as const).map(
    (name) => [name, 'goal states H', (_: Options, { H }: Model) => H !== undefined] as const,
  ),
  // What the batched kernel does, which alone has another precision: kernel/program/covered.ts
  ['precision', 'inference: fixedPoint', ({ inference }) => inference === 'fixedPoint'],
  ['precision', 'planning: policies', ({ planning }) => planning === 'policies'],
  ['precision', 'planEvery: 1', ({ planEvery }) => planEvery === 1],
  ['precision', 'a model without counts', (_, { pA, pB, pD, pE }) => !(pA ?? pB ?? pD ?? pE)],
  ['precision', 'a model without goal states', (_, { H }) => H === undefined],
  [
    'precision',
    'modalities that hang on a factor',
    (_, { A_dependencies = [] }) => A_dependencies.every(({ length }) => length > 0),
  ],
  ['alpha', 'actionSelection: stochastic', ({ actionSelection }) => actionSelection === 'stochastic'],
]

/** Every option either works or is refused: never ignored. */
export function checkOptions(model: Model, options: Options, counts: Countable, faults: Faults): void {
  for (const [name, needed, holds] of ONLY_WITH) {
    const given = model.options?.[name] ?? DEFAULTS[name]
    if (given === DEFAULTS[name] || holds(options, model)) continue
    faults.add(`options.${name}`, `is of no use without ${needed}`, {
      got: given,
      expected: `it left out, or ${needed}`,
    })
  }
  checkNamed(options, counts, faults)
  checkLearning(model, options, counts, faults)
  checkTogether(model, options, counts, faults)
}

/** Lists that name modalities, factors or controls name such as there are. */
function checkNamed(
  { learning, controllable }: Options,
  { modalities, factors, controls }: Countable,
  faults: Faults,
): void {
  const check = (path: string, list: readonly number[] = [], count: number) => {
    const beyond = list.find((entry) => entry >= count)
    if (beyond === undefined) return
    faults.add(path, `names ${beyond}`, { got: beyond, expected: `0 to ${count - 1}` })
  }
  check('options.controllable', controllable, controls)
  check('options.learning.A.only', learning.A?.only, modalities)
  check('options.learning.B.only', learning.B?.only, factors)
  check('options.learning.D.only', learning.D?.only, factors)
}

/** What is learned has counts to begin with, and counts are learned, or read as they are. */
function checkLearning(model: Model, options: Options, all: Countable, faults: Faults): void {
  const { learning } = options
  checkUnread(model, options, faults)
  for (const name of ['A', 'B', 'D'] as const) {
    const counts = model[`p${name}`]
    const there = name === 'A' ? all.modalities : all.factors
    const without = learning[name]?.only.find((i) => i < there && (counts?.[i] ?? null) === null)
    if (without === undefined) continue
    faults.add(`p${name}`, `has no counts for ${name}[${without}], which is to be learned`, {
      got: counts === undefined ? 'nothing' : null,
      expected: `p${name}[${without}] in the shape of ${name}[${without}]`,
    })
  }
  if (learning.when !== 'afterAction' && !(learning.A ?? learning.B))
    faults.add('options.learning.when', 'is of no use without A or B to learn, by which an agent plans', {
      got: learning.when,
      expected: 'it left out, or one of them',
    })
  if (learning.E !== undefined && model.pE === undefined)
    faults.add('pE', 'is missing, and E is to be learned', {
      got: 'nothing',
      expected: 'counts, one a policy',
    })
}

interface Rule {
  readonly path: string
  readonly broken: boolean
  readonly message: string
  readonly got: unknown
  readonly expected: string
}

function checkTogether(model: Model, options: Options, { factors }: Countable, faults: Faults): void {
  const { inference, planning, planEvery, policyLen } = options
  const rules: readonly Rule[] = [
    {
      path: 'options.inference',
      broken: inference === 'exact' && factors > 1,
      message: `is exact for a model of ${factors} factors`,
      got: inference,
      expected: 'a model of one factor, or fixedPoint',
    },
    {
      path: 'options.planning',
      broken: planning === 'sophisticated' && inference === 'messagePassing',
      message: 'is sophisticated with inference messagePassing',
      got: planning,
      expected: 'inference fixedPoint or exact',
    },
    {
      path: 'H',
      broken: model.H !== undefined && planning === 'sophisticated',
      message: 'is given with planning sophisticated, whose search does not use it',
      got: 'goal states',
      expected: 'it left out, or planning policies',
    },
    {
      path: 'C',
      broken: planning === 'sophisticated' && model.C?.some(([first]) => Array.isArray(first)) === true,
      message: 'changes over time, but planning is sophisticated: its search knows one C',
      got: 'C[m][outcome][t]',
      expected: 'C[m][outcome], or planning policies',
    },
    {
      path: 'policies',
      broken: planning === 'sophisticated' && policyLen > 1 && model.policies !== undefined,
      message: `has policies of ${policyLen} steps, but planning is sophisticated: its search puts steps together`,
      got: policyLen,
      expected: 'policies of one step, or planning policies',
    },
    {
      path: 'options.controllable',
      broken: model.policies !== undefined && model.options?.controllable !== undefined,
      message: 'is given with a list of policies, which says itself what varies',
      got: shown(model.options?.controllable),
      expected: 'one of the two',
    },
    {
      path: 'options.planEvery',
      broken: planEvery > policyLen,
      message: `is ${planEvery}, but a policy has only ${policyLen} steps to follow`,
      got: planEvery,
      expected: `at most options.policyLen, ${policyLen}`,
    },
    {
      path: 'options.useParamInfoGain',
      broken: options.useParamInfoGain && !hasSome(model.pA) && !hasSome(model.pB),
      message: 'is true, but there are no counts to gain information about',
      got: true,
      expected: 'pA or pB, or false',
    },
    ...messagePassingRules(options),
  ]
  for (const { path, broken, message, got, expected } of rules)
    if (broken) faults.add(path, message, { got, expected })
}

function messagePassingRules({
  gamma,
  inference,
  learning,
  matchPymdp,
  planEvery,
  policyLen,
  updateGamma,
}: Options): readonly Rule[] {
  return [
    {
      path: 'options.planEvery',
      broken: planEvery > 1 && inference === 'messagePassing',
      message: 'is more than 1 with inference messagePassing, whose beliefs are made policy by policy',
      got: planEvery,
      expected: '1, or inference fixedPoint or exact',
    },
    {
      path: 'options.gamma',
      broken: updateGamma && !(1 / gamma < Infinity),
      message: `is ${gamma} with updateGamma, which would begin with a rate of 1/${gamma}`,
      got: gamma,
      expected: 'more than 0, or updateGamma false',
    },
    {
      path: 'options.updateGamma',
      broken: updateGamma && policyLen === 1 && !matchPymdp,
      message:
        'is true with policies of one step, which all explain the past alike: nothing would move gamma',
      got: true,
      expected: 'policyLen of at least 2, or false',
    },
    {
      path: 'options.learning.when',
      broken: learning.when === 'beforePlanning' && inference === 'messagePassing',
      message: 'is beforePlanning with inference messagePassing, whose beliefs are known once it has planned',
      got: learning.when,
      expected: 'afterAction, or inference fixedPoint or exact',
    },
  ]
}
