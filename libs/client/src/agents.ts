// Single agents, as they are stored.
import { Agent, checker } from '@cohort/contracts'
import type { CallOptions } from './options.js'
import type { Transport } from './transport.js'

const checkAgent = checker(Agent)

export class Agents {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * An agent's step number, beliefs and last action, and what it has learned; `unknown_agent` where its index
   * is past the population's end.
   */
  async get(population: string, index: number, options: CallOptions = {}): Promise<Agent> {
    const path = `/v1/agents/${encodeURIComponent(`${population}:${index}`)}`
    return (await this.#transport.send({ ...options, method: 'GET', path })).as(checkAgent)
  }
}
