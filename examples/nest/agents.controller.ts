// Observations in, actions out; what Cohort refuses is answered as it says it, with its status.
import { Body, Catch, Controller, Inject, Param, ParseIntPipe, Post, UseFilters } from '@nestjs/common'
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common'
import { CohortError } from '@cohort/client'
import type { FastifyReply } from 'fastify'
import { Agents } from './agents.js'

@Catch(CohortError)
class Refusals implements ExceptionFilter {
  catch(error: CohortError, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>()
    void reply.code(error.status).type('application/problem+json').send(JSON.stringify(error.toProblem()))
  }
}

@Controller('lamps')
@UseFilters(new Refusals())
export class AgentsController {
  readonly #agents: Agents

  constructor(@Inject(Agents) agents: Agents) {
    this.#agents = agents
  }

  @Post(':index')
  async see(@Param('index', ParseIntPipe) index: number, @Body() seen: { outcome: number }): Promise<object> {
    const { results, errors } = await this.#agents.step(index, seen.outcome)
    return { agent: index, action: results?.action?.[0]?.[0], errors }
  }
}
