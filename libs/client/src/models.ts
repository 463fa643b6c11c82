// Models: put once, found again by their content.
import { checker, Model, ModelInfo } from '@cohort/contracts'
import type { CallOptions } from './options.js'
import type { Transport } from './transport.js'

const checkInfo = checker(ModelInfo)
const checkModel = checker(Model)

export class Models {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Checks, compiles and keeps a model. The same model has the same id, however often it is put.
   * `invalid_model` names each entry that is wrong, `model_too_large` the limit.
   */
  async put(model: Model, options: CallOptions = {}): Promise<ModelInfo> {
    const reply = await this.#transport.send({ ...options, method: 'PUT', path: '/v1/models', body: model })
    return reply.as(checkInfo)
  }

  /** The model with its defaults filled in; `unknown_model` where there is none. */
  async get(modelId: string, options: CallOptions = {}): Promise<Model> {
    const path = `/v1/models/${encodeURIComponent(modelId)}`
    return (await this.#transport.send({ ...options, method: 'GET', path })).as(checkModel)
  }
}
