// Promises of what is told of steps and agents when it is asked for: parts of G, notes, learned counts, windows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TERMS, type Agent, type Model, type Tensor } from '@cohort/contracts'
import { aModel, call, eventsOf, populationOf, postSteps, type ProblemBody } from './calls.js'
import { startSystem } from './support.js'

const { producer, addWorker } = await startSystem({ COHORT_MAX_AGENT_BYTES: '600' })
await addWorker()

const WAIT = { waitMs: 30_000 }

/** Its agents know at once which state they are in, and see the second outcome nowhere. */
const surprised = (): Model => ({
  ...aModel(),
  A: [
    [
      [1, 1],
      [0, 0],
    ],
  ],
})

test('iterations, margin and terms come where they are asked for, and the terms add up to G', async () => {
  await populationOf(producer.url, 'told', aModel(), 3)
  const { body } = await postSteps(producer.url, {
    population: 'told',
    agents: [2, 0],
    observations: [[1, 0]],
    return: ['qPi', 'G', 'iterations', 'margin', 'terms'],
    ...WAIT,
  })
  const { qPi = [], G = [], margin: [margin = []] = [], terms, iterations } = body.results ?? {}
  assert.ok(terms)
  assert.deepEqual([iterations, Object.keys(terms)], [[1, 1], [...TERMS]])
  for (const i of [0, 1]) {
    const [stay = 0, swap = 0] = qPi[i] ?? []
    close(margin[i], Math.abs(stay - swap))
    for (const policy of [0, 1])
      close(G[i]?.[policy], (terms.utility[i]?.[policy] ?? 0) + (terms.statesInfoGain[i]?.[policy] ?? 0))
  }
})

test('terms of an agent that is too large with them are refused with both numbers', async () => {
  const { agentBytes, policies } = await populationOf(
    producer.url,
    'large',
    { ...aModel(), options: { policyLen: 4 } },
    2,
  )
  const request = { population: 'large', observations: [[0, 0]] }
  const { status, body } = await postSteps<ProblemBody>(producer.url, { ...request, return: ['terms'] })
  assert.deepEqual([status, body.code], [413, 'model_too_large'])
  assert.match(
    body.detail,
    new RegExp(`${agentBytes + 40 * policies} bytes .* 600 \\(COHORT_MAX_AGENT_BYTES`),
  )
  assert.equal(
    (await postSteps(producer.url, { ...request, return: ['G'], ...WAIT })).body.status,
    'completed',
  )
})

test('agents that saw the impossible, and those that kept their plan, are named; also in a stream', async () => {
  await populationOf(producer.url, 'surprised', surprised(), 4)
  const seen = { population: 'surprised', agents: [3, 1, 2], observations: [[1, null, 1]] }
  const { body } = await postSteps(producer.url, { ...seen, ...WAIT })
  assert.deepEqual([body.results?.impossible, 'planKept' in (body.results ?? {})], [[3, 2], false])
  await populationOf(producer.url, 'planners', { ...aModel(), options: { policyLen: 2, planEvery: 2 } }, 3)
  const step = { population: 'planners', observations: [[0, 1, 0]], return: ['G', 'step'] }
  const first = (await postSteps(producer.url, { ...step, ...WAIT })).body
  assert.ok(first.results?.G?.every((G) => G?.length === 4))
  assert.equal('planKept' in (first.results ?? {}), false)
  const { batchId } = (await postSteps(producer.url, step)).body
  for await (const event of eventsOf(producer.url, batchId)) {
    if (event.type === 'end') assert.equal(event.status, 'completed')
    else
      assert.deepEqual(
        [event.results.planKept, event.results.G],
        [
          [0, 1, 2],
          [null, null, null],
        ],
      )
  }
  const agent = await call<Agent>('GET', `${producer.url}/v1/agents/planners:1`)
  assert.equal(agent.body.planAge, 0)
})

test('a search over its budget fails its step with a code that says so', async () => {
  const options = { planning: 'sophisticated', horizon: 3, nodeBudget: 1 } as const
  await populationOf(producer.url, 'searchers', { ...aModel(), options }, 1)
  const { body } = await postSteps<ProblemBody & { errors: { code: string }[] }>(producer.url, {
    population: 'searchers',
    observations: [[0]],
    ...WAIT,
  })
  assert.match(JSON.stringify(body), /plan_over_budget/)
})

test('an agent that learns tells its counts in the axes of its model, and a window what it looks back on', async () => {
  const counts = { pB: [[[[4, 1], [1, 4]], [[1, 4], [4, 1]]]], pD: [[3, 1]] } // oxfmt-ignore
  const options = { inference: 'messagePassing', window: 2, learning: { B: {}, D: {} } } as const
  const model: Model = { A: aModel().A, B: counts.pB.map(fifths), ...counts, options }
  const info = await populationOf(producer.url, 'learners', model, 2)
  assert.deepEqual(
    info.row.map(({ name, index }) => `${name}[${index}]`),
    [
      'beliefs[0]',
      'pB[0]',
      'pD[0]',
      'windowLength[0]',
      'windowObservations[0]',
      'windowActions[0]',
      'windowPrior[0]',
    ],
  )
  assert.equal(info.rowBytes % 32, 0)
  const agent = async () => (await call<Agent>('GET', `${producer.url}/v1/agents/learners:1`)).body
  const fresh = await agent()
  assert.deepEqual(fresh.learned, { pB: counts.pB, pD: counts.pD })
  assert.deepEqual(fresh.window, { observations: [], actions: [], prior: [[0.75, 0.25]] })
  for (const seen of [0, 1, null]) {
    const reply = await postSteps(producer.url, {
      population: 'learners',
      observations: [[seen, seen]],
      ...WAIT,
    })
    assert.equal(reply.body.status, 'completed')
  }
  const { learned, window, step, gamma } = await agent()
  assert.deepEqual(
    [step, window?.observations, window?.actions.length, gamma],
    [3, [[1], [null]], 1, undefined],
  )
  // One step learns D, each later one B: a count each.
  close(sum(learned?.pD?.[0] ?? []), 5)
  close(sum(learned?.pB?.[0] ?? []), 22)
})

const close = (got = Number.NaN, expected: number) =>
  assert.ok(Math.abs(got - expected) < 1e-9, `${got}, expected ${expected}`)

const fifths = (tensor: Tensor): Tensor =>
  tensor.map((entry) => (typeof entry === 'number' ? entry / 5 : fifths(entry)))

const sum = (tensor: Tensor = []): number =>
  tensor.reduce<number>((all, entry) => all + (typeof entry === 'number' ? entry : sum(entry)), 0)
