// Promises of every kind of model: learned counts, windows, plans and notes go the whole way as the kernel makes them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { RETURN_FIELDS, type Model } from '@cohort/contracts'
import { readRow } from '@cohort/inference'
import { aJob, aLearner, aModel, aPopulation, storeModel } from '../testing/agents.js'
import { expectedOf, rowsOf } from '../testing/direct.js'
import { completed, ownWorkshop } from '../testing/workshop.js'

const { shop } = await ownWorkshop()
const PASSING = { inference: 'messagePassing', window: 2 } as const

const KINDS: readonly (readonly [what: string, model: Model, soft: boolean])[] = [
  ['one that learns', aLearner(), false],
  ['one that learns and sees softly', aLearner({ useParamInfoGain: true }), true],
  ['one that learns before it plans', aLearner({ learning: { when: 'beforePlanning' } }), true],
  ['one that follows a plan for three steps', aModel(1, { policyLen: 3, planEvery: 3 }), true],
  ['one that searches a tree', aModel(2, { planning: 'sophisticated', horizon: 2 }), true],
  ['one that passes messages over a window', aModel(3, PASSING), false],
  ['one that passes messages and learns', aLearner(PASSING), false],
  ['one with a precision of its own', aLearner({ ...PASSING, policyLen: 2, updateGamma: true }, 144), false],
]

for (const [at, [what, source, soft]] of KINDS.entries()) {
  test(`${what} steps exactly as the kernel steps it, step after step`, async () => {
    const model = await storeModel(shop.store, source)
    const of = await aPopulation(shop.store, model, `kind-${at}`, 300)
    const parts = [
      { of, index: [3, 4, 9, 255] },
      { of, block: 1 },
    ]
    for (const salt of [0, 1, 2, 3]) {
      const { id, job } = aJob({ model, parts, salt, soft, return: [...RETURN_FIELDS] })
      const expected = await expectedOf(shop.store, model, { job, salt, soft })
      await shop.put({ id, job })
      const { columns, errors } = completed(await shop.run({ id, job }))
      assert.deepEqual(errors, [])
      // `deepEqual` would take minutes to say where thousands of numbers differ.
      const wrong = RETURN_FIELDS.filter(
        (field) => !isDeepStrictEqual(columns[field], expected.columns[field]),
      )
      assert.deepEqual(wrong, [])
      assert.ok((await rowsOf(shop.store, model, job)).every((byte, i) => byte === expected.rows[i]))
    }
  })
}

test('what was learned is in the row, and is more than the model began with', async () => {
  const model = await storeModel(shop.store, aLearner())
  const [agent] = await shop.store.blocks.load([
    { population: 'kind-0', generation: (await generationOf('kind-0')) ?? '', block: 0, index: [3] },
  ])
  assert.ok(agent?.state === 'found')
  const { step, learned } = readRow(model.info, agent.rows)
  assert.equal(step, 4)
  for (const name of ['pA', 'pB', 'pD', 'pE'] as const)
    assert.notDeepEqual(learned?.[name], aLearner()[name], name)
})

test('steps in which a plan is followed are noted, and have no G of their own', async () => {
  const model = await storeModel(shop.store, aModel(1, { policyLen: 3, planEvery: 2 }))
  const of = await aPopulation(shop.store, model, 'planners', 6)
  const some = aJob({ model, parts: [{ of, index: [1, 4] }] })
  const all = aJob({ model, parts: [{ of }], return: ['G', 'qPi', 'terms'], salt: 1 })
  await shop.put(some, all)
  assert.equal('notes' in completed(await shop.run(some)), false)
  const { columns, notes } = completed(await shop.run(all))
  assert.deepEqual(notes, { planKept: [1, 4] })
  const isNull = (column: readonly unknown[] = []) => column.map((entry) => entry === null)
  assert.deepEqual(isNull(columns.G), [false, true, false, false, true, false])
  assert.deepEqual(isNull(columns.terms?.inductive), [false, true, false, false, true, false])
  assert.deepEqual(isNull(columns.qPi), Array(6).fill(false))
})

test('what the model holds impossible is noted, and only where it was seen', async () => {
  const model = await storeModel(shop.store, {
    A: [
      [
        [1, 1],
        [0, 0],
      ],
    ],
    B: [
      [
        [[1], [0]],
        [[0], [1]],
      ],
    ],
  })
  const [some, others] = [
    await aPopulation(shop.store, model, 'startled', 5),
    await aPopulation(shop.store, model, 'startled-too', 5),
  ]
  // Outcomes by chance: none, the first, or the impossible second.
  const job = aJob({ model, parts: [{ of: some }, { of: others }] })
  const expected = Buffer.from(job.job.obs[0]?.data ?? '', 'base64')
  await shop.put(job)
  const { notes } = completed(await shop.run(job))
  const startled = [...expected.keys()].filter((row) => expected[row] === 1)
  for (const part of [startled.filter((row) => row < 5), startled.filter((row) => row >= 5)])
    assert.ok(part.length > 0 && part.length < 5)
  assert.deepEqual(notes, { impossible: startled })
})

test('a search over its budget fails its own row, keeps its state, and says what to raise', async () => {
  const options = { planning: 'sophisticated', horizon: 3, nodeBudget: 1 } as const
  const model = await storeModel(shop.store, aModel(2, options))
  const of = await aPopulation(shop.store, model, 'searchers', 2)
  const job = aJob({ model, parts: [{ of }] })
  const before = await rowsOf(shop.store, model, job.job)
  await shop.put(job)
  const { errors } = completed(await shop.run(job))
  assert.deepEqual(
    errors.map(({ row, code }) => [row, code]),
    [
      [0, 'plan_over_budget'],
      [1, 'plan_over_budget'],
    ],
  )
  assert.match(errors[0]?.detail ?? '', /nodeBudget/)
  assert.deepEqual(await rowsOf(shop.store, model, job.job), before)
})

const generationOf = async (id: string) => (await shop.store.populations.get(id))?.generation
