// For callers that cannot wait: queue steps, keep the batch's id, ask for the results later (from any
// producer). Run: node examples/dist/enqueue-and-poll.js [http://127.0.0.1:3000]
import { Cohort, CohortError } from '@cohort/client'

const cohort = new Cohort({ url: process.argv[2] ?? 'http://127.0.0.1:3000' })
await cohort.ready().catch(({ message }: CohortError) => {
  console.error(message)
  process.exit(1)
})

// Three places in a row, seen without error; action 0 goes left, 1 stays, 2 goes right; the right end is liked.
const places = [0, 1, 2]
const leadsTo = (place: number, action: number) => Math.min(2, Math.max(0, place + action - 1))
const { modelId } = await cohort.models.put({
  A: [places.map((seen) => places.map((place) => Number(seen === place)))],
  B: [places.map((next) => places.map((place) => [0, 1, 2].map((a) => Number(next === leadsTo(place, a)))))],
  C: [[0, 1, 2]],
})
const { populationId: population } = await cohort.populations.create({ modelId, count: 1000 })
await cohort.populations.waitUntilReady(population)

// Answered as soon as the steps are safely queued. Only agents 10 to 19, all of them at their first step (`t`).
const observations = [Array<number>(10).fill(0)]
const request = { population, agents: { from: 10, count: 10 }, observations, t: 0 }
const { batchId } = await cohort.steps.enqueue(request)
console.log('queued', batchId)

const batch = await cohort.batches.wait(batchId, { deadlineMs: 30_000 })
console.log(batch.status, batch.results?.agents, batch.results?.action?.[0])

// What is wrong, and where, is in the error.
try {
  await cohort.steps.enqueue({ population, observations: [[7]] })
} catch (error) {
  if (!(error instanceof CohortError)) throw error
  console.log(`refused: ${error.code}: ${error.message}`)
}
await cohort.populations.delete(population)
