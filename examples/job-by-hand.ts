// A job put on the queue by hand, without a producer, and its answer heard. Every field: docs/reference/job.md.
// Run: node examples/dist/job-by-hand.js REDIS_URL POPULATION
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'

const [url, population = 'trio'] = process.argv.slice(2)
if (url === undefined) throw new Error('which Redis? `up` prints its REDIS_URL')
const redis = new Redis(url)
const queue = new Queue('steps', { connection: redis, prefix: '{s0}' })
const listener = redis.duplicate()

// The model, and which creation of the population the steps are meant for.
const { model, generation, count } = await redis.hgetall(`{s0}:p:${population}`)
if (model === undefined) throw new Error(`there is no population ${population} in ${url}`)

// All agents of its first block; each sees outcome 0 of the one modality.
const rows = Math.min(256, Number(count))
const [jobId, channel] = [`j-${randomUUID()}`, `by-hand:${randomUUID()}`]
// oxfmt-ignore
const job = {
  v: 1, model, return: ['action', 'step'], count: rows, origins: [], channel, addedMs: Date.now(),
  parts: [{ population, generation, block: 0, rows }],
  obs: [{ type: 'i8', data: Buffer.from(new Int8Array(rows)).toString('base64') }],
}
await listener.subscribe(channel)
const heard = once(listener, 'message')
await queue.add('steps', job, { jobId, attempts: 5, backoff: { type: 'exponential', delay: 100 } })

// The message says when to look; it may be missed, and the answer is stored whether it was heard or not.
let answer: string | null = null
while (answer === null) {
  await Promise.race([heard, sleep(1000)])
  answer = await redis.get(`{s0}:r:${jobId}`)
}
console.log(answer)
await Promise.all([queue.close(), listener.quit()])
redis.disconnect()
