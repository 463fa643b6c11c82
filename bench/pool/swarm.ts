// Agents in slots of an arena, stepped by a worker's pool, without a queue or Redis: what threads alone can do.
import { Arena } from '@cohort/cache'
import { CohortError } from '@cohort/contracts'
import {
  compileModel,
  KERNEL_SCRATCH_BYTES,
  type SlotLayout,
  slotLayout,
  slotShape,
  type Wanted,
} from '@cohort/inference'
import { type Bounds, Pool, type PoolOptions } from '@cohort/threads'
import { cutTasks, type Segment, type Task, type TaskResult, THREAD_FILE } from '@cohort/worker/parts'
import { beliefsOf, mustAgree, TOLERANCE } from '../steps/contender.js'
import { AGENTS, NO_EXTRAS, type Stream, WANTED } from '../steps/stream.js'

/** What of a stream a swarm needs, which another process can be told. */
export type Seen = Pick<Stream, 'valid' | 'info' | 'initialRows' | 'observations' | 'rows'>

export interface SwarmOptions {
  readonly stream: Seen
  /** In blocks of 256, each of which sees what the stream's agents see. */
  readonly agents: number
  readonly threads: number | Bounds
  /** Agents of a block, 256 where left out; and blocks of a job, 16 where left out. */
  readonly blockRows?: number
  readonly blocksAJob?: number
  /** None: unpinned. */
  readonly cpus: readonly number[]
  /** Another thread file than the worker's. */
  readonly filename?: URL
  /** For that file. */
  readonly moreData?: object
  readonly tuning?: NonNullable<PoolOptions<unknown>['tuning']>
  readonly wanted?: Wanted
  /** How a job's slots are cut; as a worker does where left out. */
  readonly cut?: typeof cutTasks
  /** Jobs in hand at once; threads + 1 where left out. */
  readonly jobs?: number
}

interface Block {
  readonly slot: number
  readonly rows: number
  readonly layout: SlotLayout
}

export interface Ran {
  readonly steps: number
  readonly seconds: number
  /** Of all threads, in tasks. */
  readonly computeSeconds: number
  readonly tasks: number
}

export class Swarm {
  readonly #stream: Seen
  readonly #options: SwarmOptions
  readonly #arena: Arena
  readonly #pool: Pool<Task, TaskResult>
  readonly #model: { readonly offset: number; readonly bytes: number; readonly serial: number }
  readonly #jobs: readonly (readonly Block[])[]
  /** Milliseconds a step, measured as a worker does. */
  #costMs: number

  private constructor(options: SwarmOptions, arena: Arena, pool: Pool<Task, TaskResult>) {
    const { stream, blocksAJob = 16 } = options
    this.#stream = stream
    this.#options = options
    this.#arena = arena
    this.#pool = pool
    const bytes = compileModel(stream.valid)
    const offset = arena.matrices.allocate(bytes.length)
    if (offset === undefined) throw new CohortError('arena_full', 'the model does not fit')
    arena.bytes(offset, bytes.length).set(bytes)
    this.#model = { offset, bytes: bytes.length, serial: 1 }
    this.#jobs = jobsOf(blocksOf(arena, options), blocksAJob)
    this.#costMs = 0.001
  }

  static async start(options: SwarmOptions): Promise<Swarm> {
    const { stream, agents, threads, cpus, tuning, filename = THREAD_FILE } = options
    const rows = options.blockRows ?? AGENTS
    const layout = slotLayout(slotShape(stream.info, NO_EXTRAS), rows)
    const scratchBytes = mostOf(threads) * KERNEL_SCRATCH_BYTES
    const slotBytes = (Math.ceil(agents / rows) + 1) * (layout.bytes + 64)
    const arena = new Arena({ maxBytes: slotBytes + scratchBytes + 2 ** 26, slotBytes, scratchBytes })
    const { memory, scratch } = arena
    const workerData = { memory, scratch, limits: {}, ...options.moreData }
    const pool = await Pool.start<Task, TaskResult>({
      filename,
      threads,
      cpus,
      workerData,
      ...(tuning === undefined ? {} : { tuning }),
    })
    try {
      const swarm = new Swarm(options, arena, pool)
      await swarm.run(1)
      swarm.check()
      return swarm
    } catch (error) {
      await pool.stop()
      throw error
    }
  }

  get counters(): Pool<Task, TaskResult>['counters'] {
    return this.#pool.counters
  }

  /** All agents through the whole stream, so many times from the beginning. */
  async run(times: number): Promise<Ran> {
    let [computeMs, tasks] = [0, 0]
    const beganMs = performance.now()
    for (let time = 0; time < times; time++) {
      this.#begin()
      const did = await this.#pass()
      computeMs += did.computeMs
      tasks += did.tasks
    }
    const seconds = (performance.now() - beganMs) / 1000
    const steps = times * this.#stream.observations.length * this.#options.agents
    return { steps, seconds, computeSeconds: computeMs / 1000, tasks }
  }

  /** Each block's rows are what the stream's agents came to, to the bit of the first block. Throws otherwise. */
  check(): void {
    const { rowBytes } = this.#stream.info
    const [first] = this.#jobs.flat()
    const rowsOf = ({ slot, rows, layout }: Block) => this.#arena.bytes(slot + layout.rows, rows * rowBytes)
    const expected = rowsOf(first)
    for (let agent = 0; agent < first.rows; agent++) {
      const [got, exact] = [expected, this.#stream.rows].map((rows) =>
        beliefsOf(this.#stream.info, rows, agent),
      )
      mustAgree({ what: `beliefs of agent ${agent}`, within: TOLERANCE }, got, exact)
    }
    for (const block of this.#jobs.flat()) {
      const got = rowsOf(block)
      if (Buffer.compare(got, expected.subarray(0, got.length)) !== 0)
        throw new CohortError('internal', `a block of ${block.rows} agents came to other rows than the first`)
    }
  }

  stop(): Promise<void> {
    return this.#pool.stop()
  }

  #begin(): void {
    const { rowBytes } = this.#stream.info
    for (const { slot, rows, layout } of this.#jobs.flat()) {
      const initial = this.#stream.initialRows.subarray(0, rows * rowBytes)
      this.#arena.bytes(slot + layout.rows, initial.length).set(initial)
    }
  }

  /** Each job through the whole stream, step by step, whatever the others do. */
  async #pass(): Promise<Did> {
    const { threads, jobs: atOnce = mostOf(threads) + 1 } = this.#options
    const total = { computeMs: 0, tasks: 0 }
    let next = 0
    const lane = async (): Promise<void> => {
      for (let job = this.#jobs[next++]; job !== undefined; job = this.#jobs[next++]) {
        for (let step = 0; step < this.#stream.observations.length; step++) {
          const { computeMs, tasks } = await this.#stepJob(job, step)
          total.computeMs += computeMs
          total.tasks += tasks
        }
      }
    }
    await Promise.all(Array.from({ length: atOnce }, lane))
    return total
  }

  /** What a worker's legs load and dispatch do, without Redis. */
  async #stepJob(job: readonly Block[], step: number): Promise<Did> {
    const { wanted: want = WANTED, cut = cutTasks } = this.#options
    const { buffer } = this.#arena.memory
    for (const { slot, rows, layout } of job) {
      const columns = this.#stream.observations[step].length / AGENTS
      const seen = new Int32Array(buffer, slot + layout.obs, columns * rows)
      for (let column = 0; column < columns; column++) {
        const from = column * AGENTS
        seen.set(this.#stream.observations[step].subarray(from, from + rows), column * rows)
      }
    }
    const answers = await Promise.all(
      cut(job, { stepMs: this.#costMs, lanes: 8, idle: this.#pool.idle }).map(async (segments) => {
        const steps = stepsOf(segments)
        const task = { kind: 'compute', model: this.#model, segments, want, extras: NO_EXTRAS } as const
        const affinity = `${segments[0].slot}:${segments[0].from}`
        const answer = await this.#pool.run(task, { affinity, costMs: steps * this.#costMs })
        if (answer.kind !== 'computed') throw new CohortError('internal', `a task answered ${answer.kind}`)
        const { mappedMs, endMs } = answer.times
        return { steps, ms: endMs - mappedMs }
      }),
    )
    for (const { steps, ms } of answers) this.#costMs += 0.2 * (ms / steps - this.#costMs)
    return { computeMs: answers.reduce((sum, { ms }) => sum + ms, 0), tasks: answers.length }
  }
}

type Did = Pick<Ran, 'tasks'> & { readonly computeMs: number }

export const mostOf = (threads: number | Bounds): number =>
  typeof threads === 'number' ? threads : threads.max

const stepsOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { from, to }) => sum + to - from, 0)

function blocksOf(arena: Arena, { stream: { info }, agents, blockRows = AGENTS }: SwarmOptions): Block[] {
  return Array.from({ length: Math.ceil(agents / blockRows) }, (_, block) => {
    const rows = Math.min(blockRows, agents - block * blockRows)
    const layout = slotLayout(slotShape(info, NO_EXTRAS), rows)
    const slot = arena.slots.allocate(layout.bytes)
    if (slot === undefined) throw new CohortError('arena_full', 'the agents do not fit')
    new Float64Array(arena.memory.buffer, slot + layout.expectedStep, rows).fill(-1)
    return { slot, rows, layout }
  })
}

const jobsOf = (blocks: readonly Block[], blocksAJob: number): Block[][] =>
  Array.from({ length: Math.ceil(blocks.length / blocksAJob) }, (_, job) =>
    blocks.slice(job * blocksAJob, (job + 1) * blocksAJob),
  )
