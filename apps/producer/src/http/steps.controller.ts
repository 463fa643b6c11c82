// POST of steps: 200 with a batch that has ended, 202 with one that is under way.
import { Body, Controller, Headers, Inject, Post, Res } from '@nestjs/common'
import type { RequestSpan } from '@cohort/telemetry'
import type { FastifyReply } from 'fastify'
import type { EndedBatch } from '../steps/notify.js'
import { postSteps, type StepsNeeds } from '../steps/post-steps.js'
import { STEPS } from '../tokens.js'
import { spanOf } from './traced-requests.js'

@Controller('v1/steps')
export class StepsController {
  readonly #needs: StepsNeeds

  constructor(@Inject(STEPS) needs: StepsNeeds) {
    this.#needs = needs
  }

  @Post()
  async post(
    @Body() body: unknown,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const { nowMs } = this.#needs
    const arrivedMs = nowMs() - reply.elapsedTime
    const signal = goneSignal(reply)
    const trace = spanOf(reply.request)
    const answer = await postSteps(this.#needs, { body, idempotencyKey, arrivedMs, signal, trace })
    void reply.code(answer.kind === 'accepted' ? 202 : 200)
    if (answer.kind === 'accepted') return answer.accepted
    if (answer.kind === 'found') return answer.batch
    void reply.type('application/json')
    return serialised(answer.ended, this.#needs, trace)
  }
}

/** Aborted when the caller goes before its answer. Not after it: making the reason of an abort costs 25 µs. */
function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort()
  })
  return gone.signal
}

/** Text first, then the clock: for a million agents writing it takes longer than computing the steps. */
function serialised(
  { timings, ...batch }: EndedBatch,
  { nowMs, window, meter }: StepsNeeds,
  trace: RequestSpan | undefined,
): string {
  const text = JSON.stringify(batch)
  if (timings === undefined) return text
  const answeredMs = nowMs()
  const legs = timings(answeredMs)
  window.add(legs, { nowMs: answeredMs, waited: true })
  meter.ended(legs, trace)
  return `${text.slice(0, -1)},"timings":${JSON.stringify(legs)}}`
}
