// The schema of a generative model as it comes over HTTP. What a schema cannot say (shapes, sums) is in `inference`.
import { Type, type Static } from 'typebox'

/** Nested arrays of numbers; the depth is the number of axes. */
export type Tensor = readonly (number | Tensor)[]

const tensor = (description: string) =>
  Type.Unsafe<Tensor>({ type: 'array', minItems: 1, items: {}, description })
const object = { additionalProperties: false } as const
const factorLists = (description: string) =>
  Type.Array(Type.Array(Type.Integer({ minimum: 0 })), { minItems: 1, description })

export const ModelOptions = Type.Object(
  {
    policyLen: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 64, default: 1, description: 'Steps that a policy looks ahead' }),
    ),
    useUtility: Type.Optional(
      Type.Boolean({ default: true, description: 'G contains the expected utility' }),
    ),
    useStatesInfoGain: Type.Optional(
      Type.Boolean({ default: true, description: 'G contains the information gain about states' }),
    ),
    gamma: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e6,
        default: 16,
        description: 'Precision of the policy posterior',
      }),
    ),
    alpha: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e6,
        default: 16,
        description: 'Precision of stochastic action selection',
      }),
    ),
    actionSelection: Type.Optional(
      Type.Enum(['deterministic', 'stochastic'], {
        default: 'deterministic',
        description: 'The best action, or one drawn',
      }),
    ),
    samplingMode: Type.Optional(
      Type.Enum(['marginal', 'full'], {
        default: 'marginal',
        description: 'Choose each factor’s action by its marginal, or one whole policy',
      }),
    ),
    numIter: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1024, default: 10, description: 'Most sweeps of the fixed point' }),
    ),
    dF: Type.Optional(
      Type.Number({ minimum: 0, default: 1, description: 'Free-energy change before the first sweep' }),
    ),
    dFTol: Type.Optional(
      Type.Number({
        minimum: 0,
        default: 0.001,
        description: 'The sweeps go on while the free energy changes by at least this',
      }),
    ),
    computeVfe: Type.Optional(
      Type.Boolean({ default: true, description: 'false: no free energy, all numIter sweeps run' }),
    ),
  },
  object,
)

/** pymdp's index order: `A[m][o][s…]`, `B[f][next][prev…][action]`, `C[m][o]` or `C[m][o][t]`, `D[f][s]`, `E[pi]`. */
export const Model = Type.Object(
  {
    A: Type.Array(
      tensor(
        'A[m][outcome][state…]: probability of an outcome given the states of the factors it depends on',
      ),
      { minItems: 1 },
    ),
    B: Type.Array(tensor('B[f][next][previous…][action]: probability of the next state'), { minItems: 1 }),
    C: Type.Optional(
      Type.Array(
        tensor('C[m][outcome] or C[m][outcome][t]: log preferences, unnormalised; zeros where left out'),
      ),
    ),
    D: Type.Optional(
      Type.Array(Type.Array(Type.Number()), {
        description: 'D[f][state]: initial beliefs; uniform where left out',
      }),
    ),
    E: Type.Optional(
      Type.Array(Type.Number(), { description: 'E[policy]: habits, a distribution; uniform where left out' }),
    ),
    A_dependencies: Type.Optional(factorLists('Factors that each modality depends on; all where left out')),
    B_dependencies: Type.Optional(
      factorLists('Factors that each factor’s transition depends on; itself where left out'),
    ),
    options: Type.Optional(ModelOptions),
  },
  object,
)

export type Model = Static<typeof Model>
export type ModelOptions = Static<typeof ModelOptions>

export const ModelShapes = Type.Object({
  numObs: Type.Array(Type.Integer(), { description: 'Outcomes of each modality' }),
  numStates: Type.Array(Type.Integer(), { description: 'States of each factor' }),
  numControls: Type.Array(Type.Integer(), { description: 'Actions of each factor' }),
})
export type ModelShapes = Static<typeof ModelShapes>

/** What the rest of the system must know of a model without compiling it. Stored beside it. */
export const ModelInfo = Type.Object({
  modelId: Type.String(),
  shapes: ModelShapes,
  policies: Type.Integer({ description: 'Policies that each step scores' }),
  compiledBytes: Type.Integer({ description: 'Bytes in each worker’s arena, once per process' }),
  rowBytes: Type.Integer({ description: 'Bytes of one agent in Redis' }),
  agentBytes: Type.Integer({ description: 'Bytes of one agent in a worker’s arena while it is computed' }),
})
export type ModelInfo = Static<typeof ModelInfo>
