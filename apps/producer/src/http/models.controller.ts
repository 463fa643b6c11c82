// PUT and GET of models: checked, stored once under the hash of their content.
import { Body, Controller, Get, Inject, Param, Put, Res } from '@nestjs/common'
import { checker, CohortError, Model, type ModelInfo } from '@cohort/contracts'
import { canonicalModel, describeModel, validateModel } from '@cohort/inference'
import { modelIdOf, type Store } from '@cohort/store'
import type { FastifyReply } from 'fastify'
import type { ProducerConfig } from '../config.js'
import { CONFIG, STORE } from '../tokens.js'
import { readBody } from '../invalid-request.js'

const check = checker(Model)

@Controller('v1/models')
export class ModelsController {
  readonly #store: Store
  readonly #config: ProducerConfig

  constructor(@Inject(STORE) store: Store, @Inject(CONFIG) config: ProducerConfig) {
    this.#store = store
    this.#config = config
  }

  @Put()
  async put(@Body() body: unknown, @Res({ passthrough: true }) reply: FastifyReply): Promise<ModelInfo> {
    const model = validateModel(readBody(check, body), this.#config.limits)
    const json = canonicalModel(model)
    const info: ModelInfo = { modelId: modelIdOf(json), ...describeModel(model) }
    const outcome = await this.#store.models.put(info.modelId, json, info)
    void reply.code(outcome === 'created' ? 201 : 200)
    return info
  }

  @Get(':modelId')
  async get(
    @Param('modelId') modelId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const json = await this.#store.models.json(modelId)
    if (json === undefined) throw new CohortError('unknown_model', `there is no model ${modelId}`)
    void reply.type('application/json')
    return json
  }
}
