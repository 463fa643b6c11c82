// The SDK's front door: one client for one producer (or a load balancer before many).
import { Agents } from './agents.js'
import { Batches } from './batches.js'
import { Models } from './models.js'
import type { CallOptions, CohortOptions } from './options.js'
import { Populations } from './populations.js'
import { Steps } from './steps.js'
import { Transport } from './transport.js'

/**
 * Talks to a producer. Holds no connection of its own and needs no closing; safe to share.
 *
 * Every method rejects with a `CohortError` (its `code` says what to do, `errors` which field,
 * `retryAfterMs` when), or with the signal's reason where the caller aborted.
 */
export class Cohort {
  readonly models: Models
  readonly populations: Populations
  readonly agents: Agents
  readonly steps: Steps
  readonly batches: Batches
  readonly #transport: Transport

  /** Throws `invalid_request` where the URL is none. Nothing is sent yet. */
  constructor(options: CohortOptions) {
    this.#transport = new Transport(options)
    this.models = new Models(this.#transport)
    this.populations = new Populations(this.#transport)
    this.agents = new Agents(this.#transport)
    this.batches = new Batches(this.#transport)
    this.steps = new Steps(this.#transport, this.batches)
  }

  /**
   * Resolves when the producer reaches Redis and sees a worker; rejects (`not_ready`, `unreachable`) after
   * the retries.
   */
  async ready(options: CallOptions = {}): Promise<void> {
    await this.#transport.send({ ...options, method: 'GET', path: '/readyz' })
  }
}
