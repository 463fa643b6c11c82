// Populations and their agents as they come and go over HTTP.
import { Type, type Static } from 'typebox'
import { ModelId, PopulationId } from './ids.js'
import type { Tensor } from './model.js'

export const CreatePopulation = Type.Object(
  {
    id: Type.Optional(PopulationId),
    modelId: ModelId,
    count: Type.Integer({ minimum: 1, description: 'Agents to create' }),
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        default: 0,
        description: 'Seeds every agent’s random numbers',
      }),
    ),
  },
  { additionalProperties: false },
)
export type CreatePopulation = Static<typeof CreatePopulation>

export const PopulationState = Type.Enum(['creating', 'ready', 'deleting'])

export const PopulationCreated = Type.Object({
  populationId: PopulationId,
  modelId: ModelId,
  count: Type.Integer(),
  blocks: Type.Integer(),
  state: PopulationState,
})
export type PopulationCreated = Static<typeof PopulationCreated>

export const Population = Type.Object({
  ...PopulationCreated.properties,
  seed: Type.Integer(),
  steps: Type.Object(
    { total: Type.Integer(), min: Type.Integer(), max: Type.Integer() },
    { description: 'Steps applied to its agents: all together, and the least and most of one agent' },
  ),
})
export type Population = Static<typeof Population>

const counts = Type.Unsafe<Tensor>({ type: 'array', items: {}, description: 'Nested arrays of numbers' })
const counted = (what: string) =>
  Type.Optional(
    Type.Array(Type.Union([counts, Type.Null()]), {
      description: `${what}, in the model’s own axes; null where it is not learned`,
    }),
  )

export const Agent = Type.Object({
  agentId: Type.String(),
  modelId: ModelId,
  step: Type.Integer({ description: 'Steps applied so far' }),
  beliefs: Type.Array(Type.Array(Type.Number()), { description: 'beliefs[factor][state]' }),
  lastAction: Type.Union([Type.Array(Type.Integer()), Type.Null()], {
    description: 'lastAction[control]; null before the first step',
  }),
  learned: Type.Optional(
    Type.Object(
      {
        pA: counted('pA[modality]'),
        pB: counted('pB[factor]'),
        pD: counted('pD[factor]'),
        pE: Type.Optional(Type.Array(Type.Number(), { description: 'pE[policy]' })),
      },
      { description: 'Dirichlet counts as they are now, of what the model’s agents learn' },
    ),
  ),
  gamma: Type.Optional(
    Type.Number({ description: 'Precision of its policy posterior, where agents have one of their own' }),
  ),
  window: Type.Optional(
    Type.Object(
      {
        observations: Type.Array(Type.Array(Type.Union([Type.Integer(), Type.Null()])), {
          description: 'observations[t][modality], the latest last; null where it saw none',
        }),
        actions: Type.Array(Type.Array(Type.Integer()), {
          description: 'actions[t][control]: what it did after the observations at t, but for the latest',
        }),
        prior: Type.Array(Type.Array(Type.Number()), {
          description: 'prior[factor][state]: what came before the window',
        }),
      },
      { description: 'What message passing looks back on' },
    ),
  ),
  planAge: Type.Optional(
    Type.Integer({
      description: 'Steps of its plan that it has done, where plans are kept; 0: the next step makes one',
    }),
  ),
})
export type Agent = Static<typeof Agent>
