// A whole Cohort of a benchmark's own (Redis, producer, worker), one of several that are up at the same time.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readConfig, startSystem, type System } from '@cohort/cli'
import { Cohort } from '@cohort/client'
import { CohortError } from '@cohort/contracts'
import { GRID5_NOISY, gridModel } from '@cohort/worlds'
import { cpuSecondsOf } from './cpu-time.js'
import { Load, type LoadShape } from './load.js'

export interface Variant {
  readonly name: string
  /** On top of an environment without any telemetry. */
  readonly environment: Readonly<Record<string, string>>
}

export interface SubjectOptions {
  /** Its data and logs are kept in a folder there. */
  readonly dir: string
  readonly signal: AbortSignal
  say(line: string): void
}

/** Every variant has the same agents in the same place, so that they must do the same. */
const SEED = 1
const GOAL = 24

export class Subject {
  readonly variant: Variant
  readonly #dir: string
  readonly #system: System
  readonly #cohort: Cohort
  readonly #signal: AbortSignal

  private constructor(
    variant: Variant,
    system: System,
    { dir, signal }: Pick<SubjectOptions, 'dir' | 'signal'>,
  ) {
    this.variant = variant
    this.#dir = dir
    this.#system = system
    this.#cohort = new Cohort({ url: system.url })
    this.#signal = AbortSignal.any([signal, system.broken])
  }

  static async start(variant: Variant, { dir, signal, say }: SubjectOptions): Promise<Subject> {
    const own = join(dir, variant.name)
    const config = readConfig(environmentOf(variant, own))
    const system = await startSystem({ config, workers: 1, anyPort: true, verbose: false, say }, signal)
    return new Subject(variant, system, { dir: own, signal })
  }

  /** A load on a population of its own, whose agents have not stepped yet. */
  async load(name: string, shape: LoadShape): Promise<Load> {
    const options = { signal: this.#signal }
    await this.#cohort.ready(options)
    const { modelId } = await this.#cohort.models.put(gridModel({ grid: GRID5_NOISY, goal: GOAL }), options)
    const count = shape.lanes * shape.agentsEach
    await this.#cohort.populations.create({ id: name, modelId, count, seed: SEED }, options)
    await this.#cohort.populations.waitUntilReady(name, options)
    return Load.open(shape, { url: this.#system.url, population: name }, this.#signal)
  }

  /** Reads the counters back: each agent of the load's population has stepped once for each of its requests. */
  async checkSteps(name: string, each: number): Promise<void> {
    const { steps } = await this.#cohort.populations.get(name, { signal: this.#signal })
    if (steps.min === each && steps.max === each) return
    const what = `'${this.variant.name}', ${name}: agents have taken ${steps.min} to ${steps.max} steps`
    throw new CohortError('internal', `${what}, sent were ${each}`)
  }

  /** CPU seconds that producer and worker have used; undefined where the system does not say. */
  cpuSeconds(): number | undefined {
    return cpuSecondsOf(this.#system.pids)
  }

  /** Lines of its processes' logs. */
  async logLines(): Promise<string[]> {
    const logs = join(this.#dir, 'logs')
    const texts = (await readdir(logs)).map((name) => readFile(join(logs, name), 'utf8'))
    return (await Promise.all(texts)).flatMap((text) => text.split('\n'))
  }

  stop(): Promise<void> {
    return this.#system.stop()
  }
}

/** Ours without what would make subjects differ: no core is claimed by one alone, telemetry is as the variant says. */
function environmentOf({ environment }: Variant, dir: string): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL_|REDIS_URL$)/.test(name))
  return { ...Object.fromEntries(inherited), COHORT_PINNING: 'off', COHORT_DIR: dir, ...environment }
}
