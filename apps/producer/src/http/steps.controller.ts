// POST of steps: 200 with a batch that has ended, 202 with one that is under way.
import { Body, Controller, Headers, Inject, Post, Res } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import type { Answer } from '../steps/notify.js'
import { postSteps, type StepsParts } from '../steps/post-steps.js'
import { STEPS } from '../tokens.js'

@Controller('v1/steps')
export class StepsController {
  readonly #parts: StepsParts

  constructor(@Inject(STEPS) parts: StepsParts) {
    this.#parts = parts
  }

  @Post()
  async post(
    @Body() body: unknown,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const { nowMs } = this.#parts
    const arrivedMs = nowMs() - reply.elapsedTime
    const signal = goneSignal(reply)
    const answer = await postSteps(this.#parts, { body, idempotencyKey, arrivedMs, signal })
    void reply.code(answer.kind === 'accepted' ? 202 : 200)
    if (answer.kind === 'accepted') return answer.accepted
    if (answer.kind === 'found') return answer.batch
    void reply.type('application/json')
    return serialised(answer.answer, nowMs)
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

/**
 * The results are made text before the clock is read: for a million agents that takes longer than computing
 * them.
 */
function serialised({ timings, ...batch }: Answer, nowMs: () => number): string {
  const text = JSON.stringify(batch)
  return timings === undefined ? text : `${text.slice(0, -1)},"timings":${JSON.stringify(timings(nowMs()))}}`
}
