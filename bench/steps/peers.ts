// pymdp in a Python of its own (bench/peers): NumPy, an agent at a time, and JAX, a batch at a time.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { CohortError, type Model } from '@cohort/contracts'
import { beliefsOf, type Contender, mustAgree, type Runner, TOLERANCE } from './contender.js'
import { AGENTS, type Stream } from './stream.js'

const SCRIPTS = fileURLToPath(new URL('../../peers/', import.meta.url))
const pythonOf = (environment: string): string =>
  fileURLToPath(new URL(`../../../.cohort/${environment}/bin/python`, import.meta.url))
const PYTHON = pythonOf('peers-1')
const PYTHON_0 = pythonOf('peers-0')

export interface Peers {
  readonly contenders: readonly Contender[]
  readonly note: string
}

export const NO_PYTHON = 'pymdp not measured: bench/peers/README.md says how to make its Python'

export function peerContenders(): Peers {
  if (!existsSync(PYTHON)) return { contenders: [], note: NO_PYTHON }
  return {
    contenders: [peer('pymdp-numpy', NUMPY), peer('pymdp-jax', JAX)],
    note:
      'pymdp 1.0.4: NumPy (pymdp.legacy) one agent at a time; JAX in float64, all agents and steps in one ' +
      'compiled scan, compile time apart; each on one core',
  }
}

/** One with pymdp's NumPy code: the release that has no other, or else the newer one's `pymdp.legacy`. */
export const numpyPython = (): string | undefined => [PYTHON_0, PYTHON].find(existsSync)
export const numpyRelease = (): string => (numpyPython() === PYTHON_0 ? '0.0.7.1' : '1.0.4 (pymdp.legacy)')

/** Bytes that one more agent takes there, whose matrices are shared; undefined without its Python. */
export async function peerAgentBytes(model: Model): Promise<number | undefined> {
  if (!existsSync(PYTHON)) return undefined
  const python = new Python(['agent_memory.py'])
  try {
    await python.ask(model)
    return Number(await python.answer())
  } finally {
    python.close()
  }
}

interface Kind {
  readonly kind: string
  readonly agents: number
  /** How far apart its results may be. */
  readonly within: number
}

const NUMPY: Kind = { kind: 'numpy', agents: 1, within: TOLERANCE }
/** It has no threshold under which a state does not count for the information gain (e^−16): 1e-6 apart near it. */
const JAX: Kind = { kind: 'jax', agents: AGENTS, within: 1e-5 }

/** More take pymdp seconds a step. */
const MOST_POLICIES = 125

/** Beside our largest block alone: what it takes hangs on no block of ours. */
const peer = (name: string, { kind, agents, within }: Kind): Contender => ({
  name,
  prepare: async (stream, block) => {
    if (block !== AGENTS || stream.info.policies > MOST_POLICIES) return undefined
    const python = new Python(['time_steps.py', kind])
    try {
      const first = (all: Int32Array) => columns(all, agents)
      await python.ask({
        model: stream.model,
        observations: stream.observations.map(first),
        actions: stream.actions.map(first),
      })
      const answers = JSON.parse(await python.answer()) as Answers
      mustBeOfStream({ name, within }, stream, answers)
      return { ...python.runner(agents), readySeconds: answers.readySeconds }
    } catch (error) {
      python.close()
      throw error
    }
  },
})

interface Answers extends Came {
  /** Of building its agents, and of its first walk: JAX compiles in it. */
  readonly readySeconds: number
}

export interface Came {
  /** [agent][factor][state], [agent][policy]: after the last step. */
  readonly qs: readonly (readonly (readonly number[])[])[]
  readonly qPi: readonly (readonly number[])[]
}

/** Beliefs and posterior of a stream's first agents after its last step. Throws otherwise. */
export function mustBeOfStream(
  { name, within }: { readonly name: string; readonly within: number },
  { info, rows, qPi: expected, shape }: Stream,
  { qs, qPi }: Came,
): void {
  const policies = expected.length / AGENTS
  qs.forEach((beliefs, agent) => {
    const where = `${name}, ${shape.name}, agent ${agent}`
    mustAgree({ what: `${where}: beliefs`, within }, beliefs.flat(), beliefsOf(info, rows, agent))
    const own = expected.subarray(agent * policies, (agent + 1) * policies)
    mustAgree({ what: `${where}: q_pi`, within }, qPi[agent], own)
  })
}

/** Of the first agents: a list a column. */
export function columns(all: Int32Array, agents: number): number[][] {
  return Array.from({ length: all.length / AGENTS }, (_, column) =>
    Array.from(all.subarray(column * AGENTS, column * AGENTS + agents)),
  )
}

export class Python {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: Interface
  readonly #answers: AsyncIterator<string>
  #told = ''

  constructor([script, ...args]: readonly [string, ...string[]], program = PYTHON) {
    this.#child = spawn(program, [SCRIPTS + script, ...args], { stdio: 'pipe' })
    // It may die with our question unread: what it said on standard error tells why, when no answer comes.
    this.#child.stdin.on('error', () => undefined)
    this.#child.stderr.on('data', (text: Buffer) => (this.#told = `${this.#told}${text}`.slice(-2000)))
    this.#lines = createInterface(this.#child.stdout)
    this.#answers = this.#lines[Symbol.asyncIterator]()
  }

  ask(what: unknown): Promise<void> {
    return new Promise((resolve) => this.#child.stdin.write(`${JSON.stringify(what)}\n`, () => resolve()))
  }

  async answer(): Promise<string> {
    const { value, done } = await this.#answers.next()
    if (done === true) throw new CohortError('internal', `a peer ended without an answer:\n${this.#told}`)
    return value
  }

  runner(agents: number): Runner {
    return {
      agents,
      run: async (times) => {
        await this.ask(times)
        return Number(await this.answer())
      },
      close: () => this.close(),
    }
  }

  /** When its own processes have ended too: until then they hold its pipes. */
  async end(): Promise<void> {
    const closed = once(this.#child, 'close')
    this.close()
    this.#child.stdout.resume()
    await closed
  }

  close(): void {
    this.#lines.close()
    this.#child.kill()
  }
}
