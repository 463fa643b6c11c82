// A closed loop on one producer: lanes that each keep one request under way, and a check of every answer.
// Bodies are made before the clock starts, answers read after it has stopped: between, it only sends and receives.
import { createHash, type Hash } from 'node:crypto'
import { CohortError } from '@cohort/contracts'
import { Connection, postBytes } from './connection.js'

/** What is sent: each lane steps its own agents, all of them with each request. */
export interface LoadShape {
  readonly lanes: number
  readonly agentsEach: number
}

export interface Target {
  readonly url: string
  /** Of `lanes × agentsEach` agents at least, at step 0, with one modality of 25 outcomes. */
  readonly population: string
}

export interface Measured {
  readonly requests: number
  readonly steps: number
  /** From the first request to the last answer. */
  readonly seconds: number
  /** CPU time of this process in that time. */
  readonly cpuSeconds: number
  readonly latenciesMs: readonly number[]
}

/** Outcomes of a 5×5 grid; also the period after which a lane's observations come again. */
const OUTCOMES = 25
const WAIT_MS = 30_000

export class Load {
  readonly #lanes: readonly Lane[]
  readonly #stepsEach: number
  requests = 0

  private constructor(lanes: readonly Lane[], stepsEach: number) {
    this.#lanes = lanes
    this.#stepsEach = stepsEach
  }

  static async open({ lanes, agentsEach }: LoadShape, target: Target, signal: AbortSignal): Promise<Load> {
    const opening = Array.from({ length: lanes }, async (_, index) => {
      const connection = await Connection.open(target.url, signal)
      return new Lane({ ...target, connection, from: index * agentsEach, count: agentsEach })
    })
    return new Load(await Promise.all(opening), agentsEach)
  }

  /** Each lane sends so many requests, one after the other. Throws where an answer is not what it must be. */
  async run(requestsPerLane: number): Promise<Measured> {
    const cpu = process.cpuUsage()
    const beganMs = performance.now()
    const answers = await Promise.all(this.#lanes.map((lane) => lane.send(requestsPerLane)))
    const seconds = (performance.now() - beganMs) / 1000
    const { user, system } = process.cpuUsage(cpu)
    this.#lanes.forEach((lane, i) => lane.check(answers[i] ?? []))
    const requests = requestsPerLane * this.#lanes.length
    this.requests += requests
    const latenciesMs = answers.flatMap((ofLane) => ofLane.map(({ ms }) => ms))
    return {
      requests,
      steps: requests * this.#stepsEach,
      seconds,
      cpuSeconds: (user + system) / 1e6,
      latenciesMs,
    }
  }

  /** Steps that each agent has taken. */
  get stepsOfEach(): number {
    return this.requests / this.#lanes.length
  }

  /** Stands for all actions of all agents, in order: equal where the same was computed from the same. */
  checksum(): string {
    const all = createHash('sha256')
    for (const lane of this.#lanes) all.update(lane.checksum())
    return all.digest('hex')
  }

  close(): void {
    for (const lane of this.#lanes) lane.close()
  }
}

interface Answer {
  readonly body: Buffer
  readonly ms: number
}

interface LaneOptions extends Target {
  readonly connection: Connection
  readonly from: number
  readonly count: number
}

class Lane {
  readonly #connection: Connection
  readonly #from: number
  readonly #count: number
  /** The one at step t sends `bodies[t % 25]`. */
  readonly #bodies: readonly Buffer[]
  readonly #actions: Hash = createHash('sha256')
  #sent = 0
  #checked = 0

  constructor({ url, population, connection, from, count }: LaneOptions) {
    this.#connection = connection
    this.#from = from
    this.#count = count
    this.#bodies = Array.from({ length: OUTCOMES }, (_, tick) => {
      const seen = Array.from({ length: count }, (_, i) => ((from + i) * 7 + tick * 3) % OUTCOMES)
      const body = { population, agents: { from, count }, observations: [seen], waitMs: WAIT_MS }
      return postBytes(url, '/v1/steps', body)
    })
  }

  async send(requests: number): Promise<Answer[]> {
    const answers: Answer[] = []
    for (let i = 0; i < requests; i++) {
      const sentMs = performance.now()
      const body = await this.#connection.send(this.#bodies[this.#sent++ % OUTCOMES] ?? Buffer.alloc(0))
      answers.push({ body, ms: performance.now() - sentMs })
    }
    return answers
  }

  /** Every step was applied, once: each agent's counter is the number of requests that it was sent. */
  check(answers: readonly Answer[]): void {
    for (const { body } of answers) {
      const { status, results } = JSON.parse(body.toString()) as BatchAnswer
      const step = ++this.#checked
      const { agents = [], step: steps = [], action: [actions = []] = [] } = results ?? {}
      const rightAgents = agents.every((agent, i) => agent === this.#from + i)
      const rightSteps = steps.every((counter) => counter === step)
      const complete = [agents, steps, actions].every((column) => column.length === this.#count)
      if (status !== 'completed' || !complete || !rightAgents || !rightSteps) {
        const what = `request ${step} for ${this.#count} agents from ${this.#from}`
        throw new CohortError('internal', `${what} was answered ${body.toString().slice(0, 500)}`)
      }
      this.#actions.update(Int32Array.from(actions))
    }
  }

  checksum(): Buffer {
    return this.#actions.copy().digest()
  }

  close(): void {
    this.#connection.close()
  }
}

interface BatchAnswer {
  readonly status: string
  readonly results?: {
    readonly agents?: readonly number[]
    readonly step?: readonly number[]
    readonly action?: readonly (readonly number[])[]
  }
}
