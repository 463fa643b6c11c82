// Reads environment variables: all faults at once, each naming its variable. Which there are: settings.ts
import { CohortError, type Fault } from './errors.js'

export type Environment = Readonly<Record<string, string | undefined>>

/** What `read` takes from `env`, frozen. Throws CohortError `configuration` with every fault that it met. */
export function readEnvironment<T>(env: Environment, read: (from: Variables) => T): Readonly<T> {
  const faults: Fault[] = []
  const config = read(new Variables(env, faults))
  if (faults.length > 0)
    throw new CohortError('configuration', 'the environment is not valid', { errors: faults })
  return Object.freeze(config)
}

/** A fault as it is told to the person who starts the process. */
export const faultLine = ({ path, message, got }: Fault): string =>
  `${path} ${message}${got === undefined ? '' : `, got ${JSON.stringify(got)}`}`

/** An empty variable is one that is not set. What does not fit is a fault, and reads as if it were not set. */
export class Variables {
  readonly #env: Environment
  readonly #faults: Fault[]

  constructor(env: Environment, faults: Fault[]) {
    this.#env = env
    this.#faults = faults
  }

  /** Those that were met until now. */
  get faults(): readonly Fault[] {
    return this.#faults
  }

  fault(fault: Fault): void {
    this.#faults.push(fault)
  }

  /** Decimal digits and nothing else. */
  integer<T extends number | undefined>(
    name: string,
    { least, most, otherwise }: { least: number; most: number; otherwise: T },
  ): number | T {
    const text = this.#env[name]
    if (text === undefined || text === '') return otherwise
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    this.fault({ path: name, message: `must be an integer from ${least} to ${most}`, got: text })
    return otherwise
  }

  oneOf<T extends string>(name: string, { values, otherwise }: { values: readonly T[]; otherwise: T }): T {
    const text = this.#env[name]
    if (text === undefined || text === '') return otherwise
    const value = values.find((one) => one === text)
    if (value !== undefined) return value
    this.fault({ path: name, message: `must be one of ${values.join(', ')}`, got: text })
    return otherwise
  }

  text(name: string, otherwise: string): string {
    return this.#env[name] || otherwise
  }
}
