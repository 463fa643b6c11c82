// Promises of a worker whose metrics are broken: jobs end as they would, and whoever waits hears the same.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { openMetrics, SILENT, type Count, type Distribution } from '@cohort/telemetry'
import { aJob, aPopulation, CHANNEL } from '../testing/agents.js'
import { completed, ownWorkshop } from '../testing/workshop.js'

const { shop, model } = await ownWorkshop()
const broken = (): never => assert.fail('planted')

test('a job is done once and answered, and one that fails says why', async (t) => {
  const lines: string[] = []
  const note = (message: string) => void lines.push(message)
  const metrics = openMetrics({ app: 'worker', kernel: 'reference', log: SILENT })
  t.after(() => metrics.close())
  const listener = shop.redis.duplicate()
  t.after(() => listener.disconnect())
  await listener.subscribe(CHANNEL)
  await shop.work({
    metrics: {
      ...metrics,
      counter: (): Count => ({ add: broken }),
      histogram: (): Distribution => ({ observe: broken }),
    },
    log: { ...SILENT, warn: note, error: note },
  })

  const of = await aPopulation(shop.store, model, 'counted', 40)
  const good = aJob({ model, parts: [{ of }] })
  const answered = once(listener, 'message')
  await shop.put(good)
  await answered
  const bad = aJob({ model, parts: [] })
  const refused = once(listener, 'message')
  await shop.put(bad)
  await refused

  const [done, failed] = await shop.store.answers.read([good.id, bad.id])
  assert.deepEqual(completed(done).errors, [])
  assert.equal(failed?.ok === false && failed.code, 'invalid_job')
  assert.deepEqual(await shop.store.populations.steps('counted'), { total: 40, min: 1, max: 1 })
  assert.deepEqual(lines, ['what was done could not be told; it stays done', 'a job has failed'])
})
