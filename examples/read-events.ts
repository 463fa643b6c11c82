// Results as they come: a large batch is done in many jobs, and each is told as soon as it has ended.
// Run: node examples/dist/read-events.js [http://127.0.0.1:3000]
import { Cohort, type CohortError } from '@cohort/client'

const cohort = new Cohort({ url: process.argv[2] ?? 'http://127.0.0.1:3000' })
await cohort.ready().catch(({ message }: CohortError) => {
  console.error(message)
  process.exit(1)
})

// Two places, seen right nine times in ten; an action for each; the second is liked.
// oxfmt-ignore
const model = {
  A: [[[0.9, 0.1], [0.1, 0.9]]], B: [[[[1, 0], [1, 0]], [[0, 1], [0, 1]]]], C: [[0, 2]],
}
const { modelId } = await cohort.models.put(model)
const count = 50_000
const { populationId: population } = await cohort.populations.create({ modelId, count })
await cohort.populations.waitUntilReady(population)

// Queued, and from then on safe: whoever has the batch's id may read its events, at any producer.
const observations = [Array.from({ length: count }, (_, agent) => agent % 2)]
const { batchId } = await cohort.steps.enqueue({ population, observations })

// A connection that breaks is opened again; each part comes once. `cohort.steps.stream(request)` does both in one.
let stepped = 0
for await (const event of cohort.batches.events(batchId)) {
  if (event.type === 'end') {
    console.log(`${event.status}: ${stepped} of ${count} agents stepped`)
    continue
  }
  const { agents, action } = event.results
  stepped += agents.length
  console.log(`job ${event.job + 1} of ${event.of}: agent ${agents[0]} does ${action?.[0]?.[0]}`)
  for (const { agent, code, detail } of event.errors) console.log(`agent ${agent}: ${code}: ${detail}`)
}
await cohort.populations.delete(population)
