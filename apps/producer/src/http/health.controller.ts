// Alive, and ready for work: what a person, a balancer or an orchestrator asks.
import { Controller, Get, Inject } from '@nestjs/common'
import { CohortError, type Fault } from '@cohort/contracts'
import type { Readiness } from '../readiness.js'
import { READINESS } from '../tokens.js'

@Controller()
export class HealthController {
  readonly #readiness: Readiness

  constructor(@Inject(READINESS) readiness: Readiness) {
    this.#readiness = readiness
  }

  @Get('healthz')
  health(): { readonly alive: true } {
    return { alive: true }
  }

  @Get('readyz')
  async ready(): Promise<{ readonly ready: true; readonly workers: number }> {
    const { workers, missing } = await this.#readiness.look()
    if (missing.length > 0) throw notReady(missing)
    return { ready: true, workers }
  }
}

const notReady = (errors: readonly Fault[]): CohortError =>
  new CohortError('not_ready', errors.map(({ path, message }) => `${path} ${message}`).join('; '), { errors })
