// How a model infers, plans, chooses and learns: each option once, with its bounds and its default.
import { Type, type Static } from 'typebox'

const object = { additionalProperties: false } as const
const flag = (value: boolean, description: string) =>
  Type.Optional(Type.Boolean({ default: value, description }))
const count = (value: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum, default: value, description }))
const precision = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 1e6, default: 16, description }))
const share = (value: number, description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 1, default: value, description }))
const positive = (value: number, maximum: number, description: string) =>
  Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum, default: value, description }))

const rate = positive(1, 1e6, 'What one step adds to the counts, at most')
const forgetting = share(0, 'Share of what was learned that each step forgets')
const only = (what: string) =>
  Type.Optional(
    Type.Array(Type.Integer({ minimum: 0 }), {
      minItems: 1,
      uniqueItems: true,
      description: `The ${what} to learn; all where left out`,
    }),
  )

/** What agents learn. Each needs its counts in the model: `pA`, `pB`, `pD`, `pE`. */
export const Learning = Type.Object(
  {
    A: Type.Optional(Type.Object({ rate, forgetting, only: only('modalities') }, object)),
    B: Type.Optional(Type.Object({ rate, forgetting, only: only('factors') }, object)),
    D: Type.Optional(
      Type.Object(
        { rate, only: only('factors') },
        {
          ...object,
          description: 'Learned in an agent’s first step alone, so that there is nothing to forget',
        },
      ),
    ),
    E: Type.Optional(Type.Object({ rate, forgetting }, object)),
    when: Type.Optional(
      Type.Enum(['afterAction', 'beforePlanning'], {
        default: 'afterAction',
        description: 'Whether a step learns at its end, or as soon as it has inferred its states',
      }),
    ),
  },
  { ...object, description: 'What agents learn; nothing where left out' },
)
export type Learning = Static<typeof Learning>

export const ModelOptions = Type.Object(
  {
    inference: Type.Optional(
      Type.Enum(['fixedPoint', 'exact', 'messagePassing'], {
        default: 'fixedPoint',
        description:
          'Mean field by fixed-point iteration; exact filtering, for one factor; marginal message passing',
      }),
    ),
    precision: Type.Optional(
      Type.Enum(['double', 'single'], {
        default: 'double',
        description:
          'single: fixedPoint and policies in 32-bit numbers, twice as many at a time; less exact (docs/inference.md)',
      }),
    ),
    numIter: count(10, 1024, 'Most sweeps of fixed point or message passing'),
    sweeps: Type.Optional(
      Type.Enum(['simultaneous', 'sequential'], {
        default: 'simultaneous',
        description:
          'fixedPoint: all factors at once, which can oscillate, or one after the other, which cannot',
      }),
    ),
    dF: Type.Optional(
      Type.Number({
        minimum: 0,
        default: 1,
        description: 'fixedPoint: free-energy change before the first sweep',
      }),
    ),
    dFTol: Type.Optional(
      Type.Number({
        minimum: 0,
        default: 0.001,
        description: 'fixedPoint: the sweeps go on while the free energy changes by at least this',
      }),
    ),
    computeVfe: flag(true, 'fixedPoint; false: no free energy, all numIter sweeps run'),
    window: count(3, 64, 'messagePassing: observations that an agent looks back on'),
    gradientDescent: flag(
      true,
      'messagePassing: small steps down the free energy, or the fixed-point update',
    ),
    tau: positive(0.25, 1, 'messagePassing: size of a step of the gradient descent'),
    planning: Type.Optional(
      Type.Enum(['policies', 'sophisticated'], {
        default: 'policies',
        description: 'Score every policy; or search the tree of actions and what would be seen after each',
      }),
    ),
    policyLen: count(1, 64, 'Steps that a policy looks ahead; those of `policies` where they are listed'),
    planEvery: count(1, 64, 'policies: plan in every K-th step, and follow the plan in between'),
    controllable: Type.Optional(
      Type.Array(Type.Integer({ minimum: 0 }), {
        uniqueItems: true,
        description: 'The controls that policies vary; the others keep action 0. All where left out',
      }),
    ),
    horizon: count(3, 16, 'sophisticated: steps that the search looks ahead'),
    policyPruneThreshold: share(
      1 / 16,
      'sophisticated: actions less probable than this are not looked at further',
    ),
    outcomePruneThreshold: share(1 / 16, 'sophisticated: outcomes less probable than this are left out'),
    prunePenalty: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e6,
        default: 512,
        description: 'sophisticated: taken off G of an action that is not looked at further',
      }),
    ),
    nodeBudget: count(
      65_536,
      16_777_216,
      'sophisticated: an agent whose search would visit more nodes fails its step',
    ),
    useUtility: flag(true, 'G contains the expected utility'),
    useStatesInfoGain: flag(true, 'G contains the information gain about states'),
    useParamInfoGain: flag(false, 'G contains the information gain about A and B, of those with counts'),
    inductiveDepth: count(10, 256, 'With H: steps that the way back from the goal is followed'),
    inductiveThreshold: share(1 / 16, 'With H: transitions more probable than this count as possible'),
    gamma: precision('Precision of the policy posterior; with updateGamma, the one to begin with'),
    updateGamma: flag(
      false,
      'messagePassing: agents keep a precision of their own, updated by the evidence for policies',
    ),
    alpha: precision('Precision of stochastic action selection'),
    actionSelection: Type.Optional(
      Type.Enum(['deterministic', 'stochastic'], {
        default: 'deterministic',
        description: 'The best action, or one drawn',
      }),
    ),
    samplingMode: Type.Optional(
      Type.Enum(['marginal', 'full'], {
        default: 'marginal',
        description: 'Choose each control’s action by its marginal, or one whole policy',
      }),
    ),
    learning: Type.Optional(Learning),
    matchPymdp: flag(
      false,
      'Compute what pymdp’s NumPy code computes also where it departs from its sources; docs/inference.md lists where',
    ),
  },
  object,
)
export type ModelOptions = Static<typeof ModelOptions>
