// One process a core, fed by messages: the same blocks, the same steps, and no memory in common.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { CohortError } from '@cohort/contracts'
import { beliefsOf, mustAgree, TOLERANCE } from '../steps/contender.js'
import { AGENTS, STEPS, type Stream } from '../steps/stream.js'
import type { Message, Reply } from './block-process.js'
import type { Ran } from './swarm.js'

const FILE = new URL('./block-process.js', import.meta.url)

interface Lane {
  readonly child: ChildProcess
  readonly block: number
}

export interface ProcessesOptions {
  readonly stream: Stream
  readonly processes: number
  /** Blocks that are under way at once, and agents of each. */
  readonly blocks: number
  readonly rows: number
}

export class Processes {
  readonly #options: ProcessesOptions
  readonly #children: readonly ChildProcess[]
  readonly #lanes: readonly Lane[]
  readonly #waiting = new Map<number, (bytes: Uint8Array) => void>()

  private constructor(options: ProcessesOptions) {
    const { stream, processes, blocks } = options
    this.#options = options
    this.#children = Array.from({ length: processes }, () =>
      fork(FILE, [stream.shape.name], {
        serialization: 'advanced',
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      }),
    )
    for (const child of this.#children)
      child.on('message', ({ block, bytes }: Reply) => this.#waiting.get(block)?.(bytes))
    this.#lanes = Array.from({ length: blocks }, (_, block) => ({
      child: this.#children[block % processes],
      block,
    }))
  }

  static async start(options: ProcessesOptions): Promise<Processes> {
    const processes = new Processes(options)
    await processes.run(1)
    await processes.check()
    return processes
  }

  /** All blocks through the whole stream, so many times. */
  async run(times: number): Promise<Pick<Ran, 'steps' | 'seconds'>> {
    const { stream, rows, blocks } = this.#options
    const columns = stream.observations[0].length / AGENTS
    const seen = stream.observations.map((all) => {
      const own = new Int32Array(columns * rows)
      for (let column = 0; column < columns; column++)
        own.set(all.subarray(column * AGENTS, column * AGENTS + rows), column * rows)
      return own
    })
    const beganMs = performance.now()
    await Promise.all(
      this.#lanes.map(async (lane) => {
        for (let time = 0; time < times; time++) {
          await this.#ask(lane, { does: 'begin', block: lane.block, rows })
          for (let step = 0; step < STEPS; step++)
            await this.#ask(lane, { does: 'step', block: lane.block, seen: seen[step] })
        }
      }),
    )
    return { steps: times * STEPS * rows * blocks, seconds: (performance.now() - beganMs) / 1000 }
  }

  async check(): Promise<void> {
    const { stream, rows } = this.#options
    for (const lane of this.#lanes) {
      const got = await this.#ask(lane, { does: 'rows', block: lane.block })
      for (let agent = 0; agent < rows; agent++) {
        const [beliefs, expected] = [got, stream.rows].map((all) => beliefsOf(stream.info, all, agent))
        mustAgree({ what: `processes: beliefs of agent ${agent}`, within: TOLERANCE }, beliefs, expected)
      }
    }
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        const ended = once(child, 'exit')
        child.disconnect()
        await ended
      }),
    )
  }

  #ask({ child, block }: Lane, message: Message): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(block, resolve)
      child.send(message, (error) => {
        if (error !== null) reject(new CohortError('internal', `a process is gone: ${error.message}`))
      })
    })
  }
}
