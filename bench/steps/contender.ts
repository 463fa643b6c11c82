// One way to step a shape's agents, beside others: each is fed the same stream from the same beginning.
import { CohortError, DEFAULT_LIMITS } from '@cohort/contracts'
import { ownSlot, readBeliefs, validateModel } from '@cohort/inference'
import { writeLastAction } from '@cohort/inference/parts'
import { AGENTS, NO_EXTRAS, STEPS, type Stream, WANTED } from './stream.js'

/** A contender that stands ready with one stream and one block of agents. */
export interface Runner {
  /** Seconds that it took to get ready, where that is more than a compile of the model. */
  readonly readySeconds?: number
  /** Agents that step at once: the first so many of the stream. */
  readonly agents: number
  /** Steps them through the whole stream, so many times; the seconds that it took. */
  run(times: number): Promise<number>
  close(): void
}

export interface Contender {
  readonly name: string
  /** Undefined where it cannot step such a model, or has no such blocks. Throws where its answers are wrong. */
  prepare(stream: Stream, block: number): Promise<Runner | undefined>
}

/** Which kernel, or other code for its tasks; and how far its numbers may be apart from the reference's. */
interface Kernel extends Pick<Parameters<typeof ownSlot>[1], 'only' | 'code'> {
  readonly precision?: 'single'
  readonly within?: number
}

/** Kernels over a slot in this process. */
export const inProcess = (name: string, kernel: Kernel): Contender => ({
  name,
  prepare: async (stream, block) => {
    const slot = new BlockOfAgents(stream, block, kernel)
    slot.pass()
    slot.check(name)
    return {
      agents: block,
      run: async (times) => {
        let took = 0
        for (let i = 0; i < times; i++) took += slot.pass()
        return took / 1000
      },
      close: () => undefined,
    }
  },
})

/** A block in a memory of its own. */
export class BlockOfAgents {
  readonly #stream: Stream
  readonly #agents: number
  readonly #within: number
  /** What it does is the stream's: numbers that are less exact may choose otherwise where actions are as good. */
  readonly #forced: boolean
  readonly #own: ReturnType<typeof ownSlot>
  readonly #rows: Uint8Array
  readonly #initial: Uint8Array
  readonly #seen: Int32Array
  /** [step]: what the agents of the block see, and [step][agent]: the actions of the stream. */
  readonly #observations: readonly Int32Array[]
  readonly #actions: readonly (readonly number[])[][]
  readonly #acted: Int32Array

  constructor(stream: Stream, agents: number, { precision, within = TOLERANCE, ...kernel }: Kernel) {
    this.#stream = stream
    this.#agents = agents
    this.#within = within
    this.#forced = precision !== undefined
    const { model, valid } = stream
    const own =
      precision === undefined
        ? valid
        : validateModel({ ...model, options: { ...model.options, precision } }, DEFAULT_LIMITS)
    this.#own = ownSlot(own, { rows: agents, extras: NO_EXTRAS, ...kernel })
    const { buffer, slot, layout } = this.#own
    const { numObs, numControls } = valid
    this.#rows = new Uint8Array(buffer, slot + layout.rows, agents * stream.info.rowBytes)
    this.#initial = stream.initialRows.subarray(0, this.#rows.length)
    this.#seen = new Int32Array(buffer, slot + layout.obs, agents * numObs.length)
    this.#acted = new Int32Array(buffer, slot + layout.actions, agents * numControls.length)
    this.#observations = stream.observations.map((all) => firstOfEach(all, agents))
    this.#actions = stream.actions.map((all) =>
      Array.from({ length: agents }, (_, agent) => numControls.map((_n, c) => all[c * AGENTS + agent])),
    )
  }

  /** Back to the beginning of the stream. */
  begin(): void {
    this.#rows.set(this.#initial)
  }

  /** One step of all; their actions, i32 [control][agent], where they lie. */
  step(seen: Int32Array): Uint8Array {
    this.#seen.set(seen)
    this.#own.step(WANTED)
    return new Uint8Array(this.#acted.buffer, this.#acted.byteOffset, this.#acted.byteLength)
  }

  /** As they lie. */
  get rows(): Uint8Array {
    return this.#rows
  }

  /** Milliseconds of its steps, those that hand over what is seen among them. */
  pass(): number {
    this.#rows.set(this.#initial)
    let took = 0
    this.#observations.forEach((seen, step) => {
      const from = performance.now()
      this.#seen.set(seen)
      this.#own.step(WANTED)
      took += performance.now() - from
      if (this.#forced) this.#force(this.#actions[step])
    })
    return took
  }

  #force(actions: readonly (readonly number[])[]): void {
    const { info } = this.#stream
    actions.forEach((action, agent) =>
      writeLastAction(info, this.#rows.subarray(agent * info.rowBytes, (agent + 1) * info.rowBytes), action),
    )
  }

  /** Of the pass before: the last actions, posterior over policies, G, and beliefs. */
  check(name: string): void {
    const { buffer, slot, layout } = this.#own
    const { actions, margins, qPi, G, info, rows, shape } = this.#stream
    const where = `${name}, ${shape.name}, block of ${this.#agents}`
    const expected = firstOfEach(actions[STEPS - 1], this.#agents)
    const leads = firstOfEach(margins, this.#agents)
    const mayDiffer = this.#forced ? this.#within : -1
    if (!this.#acted.every((action, i) => action === expected[i] || leads[i] <= mayDiffer))
      throw wrong(`${where}: actions differ`)
    const of = (what: string): Agreement => ({ what: `${where}: ${what}`, within: this.#within })
    const count = (this.#agents / AGENTS) * qPi.length
    mustAgree(of('q_pi'), new Float64Array(buffer, slot + layout.qPi, count), qPi)
    mustAgree(of('G'), new Float64Array(buffer, slot + layout.G, count), G)
    for (let agent = 0; agent < this.#agents; agent++) {
      const [got, expectedOf] = [this.#rows, rows].map((all) => beliefsOf(info, all, agent))
      mustAgree(of(`beliefs of agent ${agent}`), got, expectedOf)
    }
  }
}

/** [i][agent] → the same of the first `agents` agents. */
function firstOfEach<T extends Int32Array | Float64Array>(all: T, agents: number): T {
  const columns = all.length / AGENTS
  const first = all.slice(0, columns * agents) as T
  for (let i = 0; i < first.length; i++) first[i] = all[Math.floor(i / agents) * AGENTS + (i % agents)]
  return first
}

/** Of one agent among rows. */
export function beliefsOf(info: Stream['info'], rows: Uint8Array, agent: number): number[] {
  const { rowBytes } = info
  return readBeliefs(info, rows.subarray(agent * rowBytes, (agent + 1) * rowBytes)).flat()
}

/** Of results: relative to what is larger, the value or 1. */
export const TOLERANCE = 1e-9

/** How far numbers may be `apart`, and what they are. `expected` may be longer. */
interface Agreement {
  readonly what: string
  readonly within: number
}

export function mustAgree(
  { what, within }: Agreement,
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
): void {
  for (let i = 0; i < got.length; i++) {
    const apart = Math.abs(got[i] - expected[i]) / Math.max(1, Math.abs(expected[i]))
    if (!(apart <= within)) throw wrong(`${what}: ${got[i]} instead of ${expected[i]} (number ${i})`)
  }
}

const wrong = (what: string): CohortError => new CohortError('internal', `wrong numbers: ${what}`)
