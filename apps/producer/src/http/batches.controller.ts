// GET of batches: what became of a request for steps, asked of any producer.
import { Controller, Get, Inject, Param } from '@nestjs/common'
import type { Batch } from '@cohort/contracts'
import { readBatch } from '../batches/read-batch.js'
import type { StepsNeeds } from '../steps/post-steps.js'
import { STEPS } from '../tokens.js'

@Controller('v1/batches')
export class BatchesController {
  readonly #needs: StepsNeeds

  constructor(@Inject(STEPS) needs: StepsNeeds) {
    this.#needs = needs
  }

  @Get(':batchId')
  get(@Param('batchId') batchId: string): Promise<Batch> {
    return readBatch(this.#needs, batchId)
  }
}
