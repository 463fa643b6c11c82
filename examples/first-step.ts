// A first step: put a model, create agents, send what they see, wait for what they do.
// Run: node examples/dist/first-step.js [http://127.0.0.1:3000]
import { Cohort, type CohortError, type Model } from '@cohort/client'

// Three places in a row. An agent sees where it is, nine times in ten; goes left, stays or goes right; likes the end.
const places = [0, 1, 2]
const actions = ['left', 'stay', 'right']
const leadsTo = (place: number, action: number) => Math.min(2, Math.max(0, place + action - 1))
const model: Model = {
  A: [places.map((seen) => places.map((place) => (seen === place ? 0.9 : 0.05)))],
  B: [
    places.map((next) => places.map((place) => actions.map((_, a) => (next === leadsTo(place, a) ? 1 : 0)))),
  ],
  C: [[0, 1, 2]],
}

const cohort = new Cohort({ url: process.argv[2] ?? 'http://127.0.0.1:3000' })
// An error's message says what was tried and what to do; its `code` is for programs.
await cohort.ready().catch(({ message }: CohortError) => {
  console.error(message)
  process.exit(1)
})
const { modelId, policies } = await cohort.models.put(model)
console.log(`model ${modelId.slice(0, 12)} with ${policies} policies`)

const { populationId } = await cohort.populations.create({ modelId, count: 3, seed: 1 })
await cohort.populations.waitUntilReady(populationId)

// One modality, so one column: the first agent sees place 0, the second place 2, the third nothing.
const batch = await cohort.steps.run({ population: populationId, observations: [[0, 2, null]] })
const done = batch.results?.action?.[0]?.map((action) => actions[action])
console.log(batch.status, done)

const agent = await cohort.agents.get(populationId, 0)
console.log(`agent 0, step ${agent.step}, believes`, agent.beliefs[0])

await cohort.populations.delete(populationId)
