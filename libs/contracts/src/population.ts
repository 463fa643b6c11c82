// Populations and their agents as they come and go over HTTP.
import { Type, type Static } from 'typebox'
import { ModelId, PopulationId } from './ids.js'

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

export const Agent = Type.Object({
  agentId: Type.String(),
  modelId: ModelId,
  step: Type.Integer({ description: 'Steps applied so far' }),
  beliefs: Type.Array(Type.Array(Type.Number()), { description: 'beliefs[factor][state]' }),
  lastAction: Type.Union([Type.Array(Type.Integer()), Type.Null()], {
    description: 'lastAction[factor]; null before the first step',
  }),
})
export type Agent = Static<typeof Agent>
