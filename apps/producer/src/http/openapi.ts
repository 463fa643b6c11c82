// The OpenAPI 3.1 document: made from the schemas that validate and the table of routes, so that it is true.
import { ERRORS, type ErrorCode } from '@cohort/contracts'
import { ANYWHERE, ROUTES, SCHEMAS, WITH_BODY, type Route, type SchemaName } from './routes.js'

const ref = (name: SchemaName | 'Problem') => ({ $ref: `#/components/schemas/${name}` })

const TAGS = {
  models: 'What agents know of their world: A, B, C, D and E as pymdp writes them, stored once by content',
  populations: 'Agents of one model, created together, each with beliefs of its own',
  agents: 'What one agent believes now, and what it has learned',
  steps: 'Observations in, actions out',
  operation: 'Is the process alive and ready, and what can it do',
} as const satisfies Record<Route['tag'], string>

/** The first request of the README: sent one after the other, each is accepted. A test holds them to it. */
export const EXAMPLES: Readonly<Partial<Record<SchemaName, object>>> = {
  Model: {
    A: [
      [
        [0.9, 0.1],
        [0.1, 0.9],
      ],
    ],
    B: [
      [
        [
          [1, 0],
          [1, 0],
        ],
        [
          [0, 1],
          [0, 1],
        ],
      ],
    ],
    C: [[0, 2]],
  },
  CreatePopulation: {
    id: 'trio',
    modelId: '74f5979aa1de2a6e1c0eaa96e495ab48603e00b0d671a133d540cc26cd5615ee',
    count: 3,
  },
  StepRequest: { population: 'trio', observations: [[0, 1, null]], waitMs: 5000 },
}

/** RFC 9457, with a code and the faults. */
const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', description: '`urn:cohort:problem:` and the code' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(ERRORS) },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: {
          path: { type: 'string', description: 'Where: `observations[0][3]`, `B[0][:,3,1]`' },
          message: { type: 'string' },
          got: { description: 'What was there' },
          expected: { type: 'string' },
        },
      },
    },
  },
}

export function openApiDocument(version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of ROUTES) (paths[route.path] ??= {})[route.method] = operationOf(route)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Cohort',
      version,
      description:
        'Active-inference agents by the million: services send observations, Cohort answers with actions.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas: { ...SCHEMAS, Problem: PROBLEM } },
  }
}

function operationOf(route: Route): object {
  const { operationId, tag, summary, description, parameters, body } = route
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters: parameters.map(parameterOf) }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': bodyOf(body) } } }),
    responses: { ...goodResponses(route), ...badResponses(route) },
  }
}

const bodyOf = (name: SchemaName) => {
  const example = EXAMPLES[name]
  return { schema: ref(name), ...(example === undefined ? {} : { example }) }
}

const parameterOf = (parameter: NonNullable<Route['parameters']>[number]) => ({
  ...parameter,
  required: parameter.in === 'path',
  schema: { type: 'string' },
})

const goodResponses = ({ responses }: Route) =>
  Object.fromEntries(
    Object.entries(responses).map(([status, { description, schema, type = 'application/json' }]) => [
      status,
      schema === undefined ? { description } : { description, content: { [type]: { schema: ref(schema) } } },
    ]),
  )

/** Codes of one status are one response: its description names them. */
function badResponses({ errors, body }: Route) {
  const codes: readonly ErrorCode[] = [...(body === undefined ? [] : WITH_BODY), ...errors, ...ANYWHERE]
  return Object.fromEntries(
    [...Map.groupBy(codes, (code) => ERRORS[code].status)].map(([status, same]) => [
      String(status),
      {
        description: same
          .map((code) => `\`${code}\`: ${ERRORS[code].title}. ${ERRORS[code].next}`)
          .join('\n\n'),
        ...(same.some(isTransient) ? { headers: RETRY_AFTER } : {}),
        content: { 'application/problem+json': { schema: ref('Problem') } },
      },
    ]),
  )
}

const isTransient = (code: ErrorCode): boolean => ERRORS[code].kind === 'transient'

const RETRY_AFTER = { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } }
