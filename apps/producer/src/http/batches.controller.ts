// GET of batches: what became of a request for steps, read at once or told as it comes, by any producer.
import { Controller, Get, Inject, Param, Res } from '@nestjs/common'
import type { Batch } from '@cohort/contracts'
import type { FastifyReply } from 'fastify'
import { CUT_TEXT, eventText } from '../batches/event-text.js'
import { readBatch, readRecord } from '../batches/read-batch.js'
import { Turns } from '../batches/turns.js'
import type { ProducerConfig } from '../config.js'
import type { StepsNeeds } from '../steps/post-steps.js'
import { CONFIG, EVENT_STREAMS, STEPS } from '../tokens.js'
import type { EventStreams } from './event-streams.js'

@Controller('v1/batches')
export class BatchesController {
  readonly #needs: StepsNeeds
  readonly #streams: EventStreams
  readonly #records = new Turns()
  readonly #turns: Turns

  constructor(
    @Inject(STEPS) needs: StepsNeeds,
    @Inject(EVENT_STREAMS) streams: EventStreams,
    @Inject(CONFIG) { eventBytes }: ProducerConfig,
  ) {
    this.#needs = needs
    this.#streams = streams
    this.#turns = new Turns({ bytes: eventBytes, ask: () => streams.cutSlow() })
  }

  @Get(':batchId')
  get(@Param('batchId') batchId: string): Promise<Batch> {
    return readBatch(this.#needs, batchId)
  }

  @Get(':batchId/events')
  async events(@Param('batchId') batchId: string, @Res() reply: FastifyReply): Promise<void> {
    this.#streams.refuseFull()
    const needs = { ...this.#needs, turns: this.#turns }
    // Turns of their own: these do not wait for readers, and until they are over no heartbeat can be sent.
    const record = await this.#records.take(() => readRecord(needs, batchId))
    const write = (signal: AbortSignal) => eventText(needs, record, signal)
    this.#streams.answer(reply, write, { steps: record.agents.length, cutText: CUT_TEXT })
  }
}
