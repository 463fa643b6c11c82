// The metrics of this producer, for Prometheus.
import { Controller, Get, Inject, Res } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { METRICS } from '../tokens.js'
import type { ProducerMetrics } from './steps-meter.js'

@Controller('metrics')
export class MetricsController {
  readonly #metrics: ProducerMetrics

  constructor(@Inject(METRICS) metrics: ProducerMetrics) {
    this.#metrics = metrics
  }

  @Get()
  get(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.headers({ 'content-type': this.#metrics.contentType, 'cache-control': 'no-store' })
    return this.#metrics.text()
  }
}
