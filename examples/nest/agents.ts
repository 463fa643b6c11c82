// The one place of the service that speaks to Cohort: made once, handed to whoever steps agents.
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common'
import { type Batch, Cohort } from '@cohort/client'

const POPULATION = 'lamps'
// Dark or bright, seen right nine times in ten; an action for each; bright is liked.
// oxfmt-ignore
const MODEL = {
  A: [[[0.9, 0.1], [0.1, 0.9]]], B: [[[[1, 0], [1, 0]], [[0, 1], [0, 1]]]], C: [[0, 2]],
}

@Injectable()
export class Agents implements OnModuleInit {
  readonly #cohort: Cohort

  constructor(@Inject(Cohort) cohort: Cohort) {
    this.#cohort = cohort
  }

  /** The same at each start: a model and a population that are there already are found again. */
  async onModuleInit(): Promise<void> {
    const { modelId } = await this.#cohort.models.put(MODEL)
    await this.#cohort.populations.create({ id: POPULATION, modelId, count: 1000 })
    await this.#cohort.populations.waitUntilReady(POPULATION)
  }

  /** One agent a call: the producer gathers calls that come together into one job. */
  step(agent: number, outcome: number): Promise<Batch> {
    const request = { population: POPULATION, agents: [agent], observations: [[outcome]] }
    return this.#cohort.steps.run(request, { deadlineMs: 5000 })
  }
}
