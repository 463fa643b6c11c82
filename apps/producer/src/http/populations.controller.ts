// POST, GET and DELETE of populations.
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Res } from '@nestjs/common'
import {
  BLOCK_AGENTS,
  checker,
  CohortError,
  CreatePopulation,
  type Population,
  type PopulationCreated,
} from '@cohort/contracts'
import type { Store } from '@cohort/store'
import type { FastifyReply } from 'fastify'
import type { Creation, Creations } from '../creations.js'
import { readBody } from '../invalid-request.js'
import { CREATIONS, STORE } from '../tokens.js'

const check = checker(CreatePopulation)

const STATUS = { existed: 200, created: 201, creating: 202 } as const satisfies Record<
  Creation['outcome'],
  number
>

@Controller('v1/populations')
export class PopulationsController {
  readonly #creations: Creations
  readonly #store: Store

  constructor(@Inject(CREATIONS) creations: Creations, @Inject(STORE) store: Store) {
    this.#creations = creations
    this.#store = store
  }

  @Post()
  async create(
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PopulationCreated> {
    const request = readBody(check, body)
    const { outcome, id } = await this.#creations.create(request)
    void reply.code(STATUS[outcome])
    const { modelId, count } = request
    const state = outcome === 'creating' ? 'creating' : 'ready'
    return { populationId: id, modelId, count, blocks: Math.ceil(count / BLOCK_AGENTS), state }
  }

  @Get(':populationId')
  async get(@Param('populationId') id: string): Promise<Population> {
    const record = await this.#store.populations.get(id)
    if (record === undefined) throw unknown(id)
    const { modelId, count, blocks, state, seed } = record
    return {
      populationId: id,
      modelId,
      count,
      blocks,
      state,
      seed,
      steps: await this.#store.populations.steps(id),
    }
  }

  @Delete(':populationId')
  @HttpCode(204)
  async delete(@Param('populationId') id: string): Promise<void> {
    if (!(await this.#store.populations.delete(id))) throw unknown(id)
  }
}

const unknown = (id: string): CohortError =>
  new CohortError('unknown_population', `there is no population ${id}`)
