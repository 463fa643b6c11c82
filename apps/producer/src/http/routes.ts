// Every path of the HTTP API, once: the OpenAPI document is made from it; a test holds the controllers to it.
import {
  Agent,
  Batch,
  BatchAccepted,
  CreatePopulation,
  Model,
  ModelInfo,
  Population,
  PopulationCreated,
  StepRequest,
  StreamEvent,
  type ErrorCode,
} from '@cohort/contracts'

/** Schemas under their names in the document. */
export const SCHEMAS = {
  Agent,
  Batch,
  BatchAccepted,
  CreatePopulation,
  Model,
  ModelInfo,
  Population,
  PopulationCreated,
  StepRequest,
  StreamEvent,
} as const
export type SchemaName = keyof typeof SCHEMAS

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'header'
  readonly description: string
}

interface Response {
  readonly description: string
  readonly schema?: SchemaName
  /** JSON where it does not say. Of a stream, `schema` is that of an event’s data. */
  readonly type?: 'text/event-stream'
}

export interface Route {
  readonly method: 'get' | 'put' | 'post' | 'delete'
  /** As OpenAPI writes it, with parameters in braces. */
  readonly path: string
  readonly operationId: string
  readonly tag: 'models' | 'populations' | 'agents' | 'steps' | 'operation'
  readonly summary: string
  readonly description?: string
  readonly parameters?: readonly Parameter[]
  readonly body?: SchemaName
  readonly responses: Readonly<Record<number, Response>>
  /** Beside those that every route may answer. */
  readonly errors: readonly ErrorCode[]
}

/** What any route may answer; those with a body, also `WITH_BODY`. */
export const ANYWHERE: readonly ErrorCode[] = ['internal', 'not_ready', 'redis_unavailable']
export const WITH_BODY: readonly ErrorCode[] = [
  'malformed_json',
  'invalid_request',
  'body_too_large',
  'unsupported_media_type',
]

const inPath = (name: string, description: string): Parameter => ({ name, in: 'path', description })

export const ROUTES: readonly Route[] = [
  {
    method: 'put',
    path: '/v1/models',
    operationId: 'putModel',
    tag: 'models',
    summary: 'Check and store a model',
    description:
      'The id is the SHA-256 of its canonical form: the same model put twice is one. ' +
      '`row` and `rowBytes` say what is kept of each agent.',
    body: 'Model',
    responses: {
      200: { description: 'It was there', schema: 'ModelInfo' },
      201: { description: 'It was stored', schema: 'ModelInfo' },
    },
    errors: ['invalid_model', 'model_too_large'],
  },
  {
    method: 'get',
    path: '/v1/models/{modelId}',
    operationId: 'getModel',
    tag: 'models',
    summary: 'Read a model',
    parameters: [inPath('modelId', 'From putModel')],
    responses: {
      200: { description: 'The model in its canonical form, with defaults filled in', schema: 'Model' },
    },
    errors: ['unknown_model'],
  },
  {
    method: 'post',
    path: '/v1/populations',
    operationId: 'createPopulation',
    tag: 'populations',
    summary: 'Create agents at their initial beliefs',
    description:
      'The same request again goes on where a broken-off creation stopped, or finds what is there.',
    body: 'CreatePopulation',
    responses: {
      200: { description: 'It was there, and is ready', schema: 'PopulationCreated' },
      201: { description: 'Created and ready', schema: 'PopulationCreated' },
      202: { description: 'Being created: read it until its state is `ready`', schema: 'PopulationCreated' },
    },
    errors: ['unknown_model', 'population_exists', 'population_deleting', 'population_too_large'],
  },
  {
    method: 'get',
    path: '/v1/populations/{populationId}',
    operationId: 'getPopulation',
    tag: 'populations',
    summary: 'Read its state and the steps of its agents',
    parameters: [inPath('populationId', 'Chosen at its creation, or made then')],
    responses: { 200: { description: 'The population', schema: 'Population' } },
    errors: ['unknown_population', 'corrupt_record'],
  },
  {
    method: 'delete',
    path: '/v1/populations/{populationId}',
    operationId: 'deletePopulation',
    tag: 'populations',
    summary: 'Delete its agents',
    description: 'Steps that are queued for them fail with `population_gone`.',
    parameters: [inPath('populationId', 'Chosen at its creation, or made then')],
    responses: { 204: { description: 'Nothing of it is left' } },
    errors: ['unknown_population'],
  },
  {
    method: 'get',
    path: '/v1/agents/{agentId}',
    operationId: 'getAgent',
    tag: 'agents',
    summary: 'Read an agent’s beliefs, and what it has learned',
    parameters: [inPath('agentId', '`population:index`')],
    responses: { 200: { description: 'The agent as its last step left it', schema: 'Agent' } },
    errors: [
      'unknown_agent',
      'unknown_population',
      'population_creating',
      'population_deleting',
      'corrupt_record',
    ],
  },
  {
    method: 'post',
    path: '/v1/steps',
    operationId: 'postSteps',
    tag: 'steps',
    summary: 'One step of each named agent',
    description:
      'Observations in, actions out. With 202 the steps are on the queue: from then on they are not lost.',
    parameters: [
      {
        name: 'Idempotency-Key',
        in: 'header',
        description: 'The same key and request twice is one batch, and gets its answer',
      },
    ],
    body: 'StepRequest',
    responses: {
      200: { description: 'With `waitMs`: the batch has ended', schema: 'Batch' },
      202: { description: 'Queued; with `waitMs`, the wait ran out', schema: 'BatchAccepted' },
    },
    errors: [
      'agent_out_of_range',
      'agent_twice',
      'observation_out_of_range',
      'unknown_population',
      'population_creating',
      'population_deleting',
      'wrong_step',
      'key_reused',
      'key_in_progress',
      'too_many_steps',
      'model_too_large',
      'overloaded',
    ],
  },
  {
    method: 'get',
    path: '/v1/batches/{batchId}',
    operationId: 'getBatch',
    tag: 'steps',
    summary: 'Read what became of a request for steps',
    description:
      'From any producer, until its time is over. Nobody saw its commit end: `commit` and `notify` are absent.',
    parameters: [inPath('batchId', 'From postSteps')],
    responses: { 200: { description: 'The batch', schema: 'Batch' } },
    errors: ['unknown_batch', 'corrupt_record'],
  },
  {
    method: 'get',
    path: '/v1/batches/{batchId}/events',
    operationId: 'getBatchEvents',
    tag: 'steps',
    summary: 'Read the results of a batch as they come',
    description:
      'Server-sent events, from any producer, also of a batch that has ended: `results` for each of its jobs as it ' +
      'ends, then `end`, and the stream closes. A stream that closes before `end` broke off: ask again. Each reading ' +
      'begins anew (`Last-Event-ID` changes nothing), so a reader leaves out the `job` numbers that it has; the SDK ' +
      'does. Close an `EventSource` at `end`: it would come back for ever. A comment comes about every 15 seconds ' +
      'where nothing else does. A reader that takes nothing for a minute, or holds an event for 10 seconds ' +
      'while others wait for its memory (`COHORT_MAX_EVENT_BYTES`), is told `cut` with the code `reader_too_slow`, ' +
      'maybe in the middle of an event, and the stream closes: ask again, or poll the batch.',
    parameters: [inPath('batchId', 'From postSteps')],
    responses: {
      200: { description: 'The events', schema: 'StreamEvent', type: 'text/event-stream' },
    },
    errors: ['unknown_batch', 'corrupt_record', 'too_many_streams'],
  },
  {
    method: 'get',
    path: '/healthz',
    operationId: 'health',
    tag: 'operation',
    summary: 'Is the process alive',
    responses: { 200: { description: 'It is' } },
    errors: [],
  },
  {
    method: 'get',
    path: '/readyz',
    operationId: 'ready',
    tag: 'operation',
    summary: 'Is it ready for work',
    responses: { 200: { description: 'Redis is reached and at least one worker was seen' } },
    errors: [],
  },
  {
    method: 'get',
    path: '/metrics',
    operationId: 'metrics',
    tag: 'operation',
    summary: 'Metrics for Prometheus, in the OpenMetrics format',
    responses: { 200: { description: 'Each of them is in metrics.md' } },
    errors: [],
  },
  {
    method: 'get',
    path: '/openapi.json',
    operationId: 'openapi',
    tag: 'operation',
    summary: 'This document',
    responses: { 200: { description: 'OpenAPI 3.1' } },
    errors: [],
  },
]

/** The methods that a request's path takes, as in an Allow header; empty where there is no such path. */
export function methodsOf(path: string): string[] {
  const segments = path.split('/')
  const fits = (route: Route) => {
    const own = route.path.split('/')
    return (
      own.length === segments.length &&
      own.every((segment, i) => segment.startsWith('{') || segment === segments[i])
    )
  }
  return ROUTES.filter(fits).map(({ method }) => method.toUpperCase())
}
