// A request for steps and what comes back for them. Enters at leg admit, leaves at leg notify.
import { Type, type Static } from 'typebox'
import { BatchId, PopulationId } from './ids.js'
import type { Leg } from './legs.js'
import { MOST_MODALITIES, WAIT_MS } from './limits.js'

/** What a step may return. `action` and `step` where the request does not say. */
export const RETURN_FIELDS = [
  'action',
  'step',
  'beliefs',
  'qPi',
  'G',
  'vfe',
  'iterations',
  'margin',
  'terms',
] as const
export type ReturnField = (typeof RETURN_FIELDS)[number]
export const DEFAULT_RETURN: readonly ReturnField[] = ['action', 'step']

/** The parts of G; one that the model's options leave out is not in G. */
export const TERMS = ['utility', 'statesInfoGain', 'paramInfoGainA', 'paramInfoGainB', 'inductive'] as const
export type Term = (typeof TERMS)[number]

const index = Type.Integer({ minimum: 0 })
const observation = Type.Union([index, Type.Null(), Type.Array(Type.Number({ minimum: 0 }), { minItems: 1 })])

export const StepRequest = Type.Object(
  {
    population: PopulationId,
    agents: Type.Optional(
      Type.Union(
        [
          Type.Array(index, { minItems: 1 }),
          Type.Object({ from: index, count: Type.Integer({ minimum: 1 }) }, { additionalProperties: false }),
        ],
        {
          description: 'Indices, each at most once, or a range; all agents where left out',
        },
      ),
    ),
    observations: Type.Array(Type.Array(observation), {
      minItems: 1,
      maxItems: MOST_MODALITIES,
      description:
        'observations[modality][i]: the outcome seen by the i-th agent; null where it saw none; or a probability ' +
        'for each outcome, as from another model (not with inference messagePassing)',
    }),
    t: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          'The step number at which all of the agents must be; those that are not keep their state',
      }),
    ),
    return: Type.Optional(
      Type.Array(Type.Enum([...RETURN_FIELDS]), {
        minItems: 1,
        maxItems: RETURN_FIELDS.length,
        uniqueItems: true,
        default: [...DEFAULT_RETURN],
        description: 'Columns wanted in the results',
      }),
    ),
    waitMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: WAIT_MS,
        default: 0,
        description: 'How long to wait for the results; 0 answers 202 when queued',
      }),
    ),
  },
  { additionalProperties: false },
)
export type StepRequest = Static<typeof StepRequest>

/** A number for each policy, or null where the agent followed a plan that it had. */
const perPolicy = Type.Array(Type.Union([Type.Array(Type.Number()), Type.Null()]))
const noted = (description: string) => Type.Optional(Type.Array(Type.Integer(), { description }))

export const StepResults = Type.Object(
  {
    agents: Type.Array(Type.Integer(), {
      description: 'The agents that stepped, in the order of the request',
    }),
    step: Type.Optional(
      Type.Array(Type.Integer(), { description: 'Steps applied so far, this one included' }),
    ),
    action: Type.Optional(Type.Array(Type.Array(Type.Integer()), { description: 'action[control][i]' })),
    beliefs: Type.Optional(
      Type.Array(Type.Array(Type.Array(Type.Number())), { description: 'beliefs[factor][i][state]' }),
    ),
    qPi: Type.Optional(
      Type.Array(Type.Array(Type.Number()), { description: 'qPi[i][policy]: posterior over policies' }),
    ),
    G: Type.Optional(
      Type.Array(Type.Union([Type.Array(Type.Number()), Type.Null()]), {
        description:
          'G[i][policy]: negative expected free energy, larger is better; null where the agent followed a plan ' +
          'that it had',
      }),
    ),
    vfe: Type.Optional(Type.Array(Type.Number(), { description: 'vfe[i]: variational free energy' })),
    iterations: Type.Optional(
      Type.Array(Type.Integer(), { description: 'iterations[i]: sweeps of the inference' }),
    ),
    margin: Type.Optional(
      Type.Array(Type.Array(Type.Number()), {
        description:
          'margin[control][i]: by how much the chosen action is more probable than the next; negative where ' +
          'a draw chose a lesser one',
      }),
    ),
    terms: Type.Optional(
      Type.Object(
        Object.fromEntries(TERMS.map((term) => [term, perPolicy])) as Record<Term, typeof perPolicy>,
        {
          description:
            'terms.utility[i][policy] and its siblings: the parts of G, those too that the model’s options leave ' +
            'out of it; with planning sophisticated, those of the first step alone; null as in G',
        },
      ),
    ),
    impossible: noted('Agents that saw what their model holds impossible; left out where there are none'),
    planKept: noted('Agents that followed a plan that they had; left out where there are none'),
  },
  { description: 'Columns: the i-th entry of each belongs to agents[i]' },
)
export type StepResults = Static<typeof StepResults>

export const AgentError = Type.Object({ agent: Type.Integer(), code: Type.String(), detail: Type.String() })
export type AgentError = Static<typeof AgentError>

export const BATCH_STATUSES = ['queued', 'active', 'completed', 'partial', 'failed', 'expired'] as const

const milliseconds = Type.Number()
const heardOnly = Type.Optional(Type.Number({ description: 'Left out where the batch is read later' }))

/** Where a batch is read later, nobody saw when its answer was here: the last two legs are unknown then, and absent. */
const Timings = Type.Object(
  {
    admit: milliseconds,
    gather: milliseconds,
    queue: milliseconds,
    take: milliseconds,
    load: milliseconds,
    dispatch: milliseconds,
    compute: milliseconds,
    commit: heardOnly,
    notify: heardOnly,
  } satisfies Record<Leg, unknown>,
  {
    description:
      'Milliseconds in each leg, of the batch’s slowest job: together from the request’s arrival to its answer, or, ' +
      'where the batch is read later, to the commit',
  },
)

export const Batch = Type.Object({
  batchId: BatchId,
  status: Type.Enum([...BATCH_STATUSES], {
    description:
      'completed: every step applied. partial: some. failed: none. expired: the results’ time is over',
  }),
  results: Type.Optional(StepResults),
  errors: Type.Optional(Type.Array(AgentError)),
  timings: Type.Optional(Timings),
})
export type Batch = Static<typeof Batch>
export type BatchStatus = Batch['status']

export const BatchAccepted = Type.Object({ batchId: BatchId, status: Type.Enum([...BATCH_STATUSES]) })
export type BatchAccepted = Static<typeof BatchAccepted>
