// What the rest of the system must know of a model without compiling it. Stored beside it.
import { Type, type Static } from 'typebox'

export const ModelShapes = Type.Object({
  numObs: Type.Array(Type.Integer(), { description: 'Outcomes of each modality' }),
  numStates: Type.Array(Type.Integer(), { description: 'States of each factor' }),
  numControls: Type.Array(Type.Integer(), {
    description: 'Actions of each control; where B_action_dependencies is left out, each factor is one',
  }),
})
export type ModelShapes = Static<typeof ModelShapes>

/** Names of what a row may hold. */
export const ROW_SECTIONS = [
  'beliefs',
  'pA',
  'pB',
  'pD',
  'pE',
  'windowLength',
  'windowObservations',
  'windowActions',
  'windowPrior',
  'beta',
  'planAge',
  'planPolicy',
  'planQPi',
] as const
export type RowSectionName = (typeof ROW_SECTIONS)[number]

export const RowSection = Type.Object(
  {
    name: Type.Enum([...ROW_SECTIONS]),
    index: Type.Integer({ description: 'Of which factor or modality; 0 where it is of the whole agent' }),
    at: Type.Integer({ description: 'Where it begins in the row, in bytes' }),
    shape: Type.Array(Type.Integer(), { description: 'Axes of its f64 numbers, row-major' }),
    actions: Type.Optional(
      Type.Array(Type.Integer(), {
        description: 'pB: the axes of actions that its first axis stands for, the last fastest',
      }),
    ),
  },
  { description: 'A part of an agent’s row' },
)
export type RowSection = Static<typeof RowSection>

export const ModelInfo = Type.Object({
  modelId: Type.String({ description: 'SHA-256 of the model’s canonical form, in hex' }),
  shapes: ModelShapes,
  policies: Type.Integer({ description: 'Policies that each step scores' }),
  softObservations: Type.Boolean({
    description: 'Whether an observation may be a distribution: not with inference messagePassing',
  }),
  compiledBytes: Type.Integer({
    description:
      'Bytes of matrices and tables in each worker’s arena, once per process; the batched kernel adds at most ' +
      '3 times so much and 1 MiB',
  }),
  rowBytes: Type.Integer({ description: 'Bytes of one agent in Redis' }),
  row: Type.Array(RowSection, { description: 'What those bytes hold, after step, seed and last action' }),
  agentBytes: Type.Integer({ description: 'Bytes of one agent in a worker’s arena while it is computed' }),
  termBytes: Type.Integer({ description: 'The same of its `terms`, for jobs that return them' }),
})
export type ModelInfo = Static<typeof ModelInfo>
