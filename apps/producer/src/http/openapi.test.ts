// Promises of the document: every reference resolves, and its routes are those of the controllers.
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestMethod } from '@nestjs/common'
import { checker, DEFAULT_LIMITS, ERRORS, Model, type ErrorCode } from '@cohort/contracts'
import { canonicalModel, validateModel } from '@cohort/inference'
import { modelIdOf } from '@cohort/store'
import { SILENT } from '@cohort/telemetry'
import { readConfig } from '../config.js'
import { ProducerModule } from '../producer.module.js'
import { EXAMPLES, openApiDocument } from './openapi.js'
import { methodsOf, ROUTES, SCHEMAS, type SchemaName } from './routes.js'

type Schema = Parameters<typeof checker>[0]

interface Operation {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}
interface OpenApi {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** As a reader of the network gets it. */
const DOCUMENT = JSON.parse(JSON.stringify(openApiDocument('1.2.3'))) as OpenApi

const operations = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

/** `GET /v1/models/{modelId}` of each method of each controller that Nest serves. */
function served(): string[] {
  const config = readConfig({ REDIS_URL: '/nowhere' })
  const { controllers = [] } = ProducerModule.of(config, SILENT)
  return controllers.flatMap((controller) => {
    const prototype = controller.prototype as Record<string, object>
    return Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const handler = prototype[name] as object
      const method = Reflect.getMetadata('method', handler) as number | undefined
      if (method === undefined) return []
      const parts = [
        Reflect.getMetadata('path', controller),
        Reflect.getMetadata('path', handler),
      ] as string[]
      const path = `/${parts
        .map((part) => part.replace(/^\/|\/$/g, ''))
        .filter((part) => part !== '')
        .join('/')}`
      return [`${RequestMethod[method]} ${path.replace(/:(\w+)/g, '{$1}')}`]
    })
  })
}

test('the routes of the controllers are the routes of the document', () => {
  const documented = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`)
  assert.ok(documented.length > 8)
  assert.deepEqual(served().sort(), documented.sort())
})

test('every reference resolves', () => {
  const refs = [...JSON.stringify(DOCUMENT).matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref = '']) => ref)
  assert.ok(refs.length > 20)
  for (const ref of refs) {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(ref)?.[1]
    assert.ok(name !== undefined && name in DOCUMENT.components.schemas, ref)
  }
})

test('its schemas are the ones that validate, also after a trip over the network', () => {
  const check = checker(DOCUMENT.components.schemas['StepRequest'] as Schema)
  assert.ok(
    check({ population: 'p', observations: [[1, null]], agents: { from: 0, count: 2 }, waitMs: 5 }).ok,
  )
  assert.ok(!check({ population: 'p', observations: [[1]], priority: 1 }).ok)
  for (const [name, schema] of Object.entries(DOCUMENT.components.schemas))
    assert.ok(!checker(schema)(7).ok, name)
})

test('operations have names of their own, and each parameter of a path is told', () => {
  assert.equal(DOCUMENT.openapi, '3.1.0')
  assert.equal(new Set(operations.map(({ operation }) => operation.operationId)).size, operations.length)
  for (const { path, operation } of operations) {
    const told = (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name)
    assert.deepEqual(
      told,
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      path,
    )
  }
})

test('each error that a route may answer is under its status, with what to do next', () => {
  const postSteps = operations.find(({ operation }) => operation.operationId === 'postSteps')?.operation
  const codes: readonly ErrorCode[] = [
    'agent_twice',
    'wrong_step',
    'overloaded',
    'malformed_json',
    'redis_unavailable',
  ]
  for (const code of codes) {
    const response = postSteps?.responses[String(ERRORS[code].status)]
    assert.match(response?.description ?? '', new RegExp(`\`${code}\`: .*${ERRORS[code].next.slice(0, 10)}`))
  }
})

test('a path knows its methods', () => {
  assert.deepEqual(methodsOf('/v1/populations/p').sort(), ['DELETE', 'GET'])
  assert.deepEqual(methodsOf('/v1/nothing'), [])
  assert.ok(ROUTES.every(({ path, method }) => methodsOf(path).includes(method.toUpperCase())))
})

test('each body has an example that is accepted, and the population’s model is the model’s', () => {
  const bodies = ROUTES.flatMap(({ body }) => (body === undefined ? [] : [body]))
  assert.deepEqual(Object.keys(EXAMPLES).sort(), [...bodies].sort())
  for (const [name, example] of Object.entries(EXAMPLES))
    assert.ok(checker(SCHEMAS[name as SchemaName])(example).ok, name)
  const model = checker(Model)(EXAMPLES.Model)
  assert.ok(model.ok)
  const modelId = modelIdOf(canonicalModel(validateModel(model.value, DEFAULT_LIMITS)))
  assert.equal((EXAMPLES.CreatePopulation as { modelId: string }).modelId, modelId)
  assert.equal(JSON.stringify(DOCUMENT).split('"example":').length - 1, bodies.length)
})
