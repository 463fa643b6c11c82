// POST of steps: 200 with a batch that has ended, 202 with one that is under way.
import { Body, Controller, Headers, Inject, Post, Res } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { postSteps, type StepsNeeds } from '../steps/post-steps.js'
import { STEPS } from '../tokens.js'
import { spanOf } from './request-notes.js'

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
    const arrivedMs = this.#needs.nowMs() - reply.elapsedTime
    const signal = goneSignal(reply)
    const trace = spanOf(reply.request)
    const answer = await postSteps(this.#needs, { body, idempotencyKey, arrivedMs, signal, trace })
    void reply.code(answer.kind === 'accepted' ? 202 : 200)
    if (answer.kind !== 'ended') return answer.batch
    void reply.type('application/json')
    return answer.text
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
