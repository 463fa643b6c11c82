// Collects what is wrong with a model, so that a caller mends it in one go.
import { CohortError, type Fault, MOST_FAULTS, shown } from '@cohort/contracts'

export class Faults {
  readonly list: Fault[] = []

  /** `got` is echoed as JSON can carry it: NaN and Infinity by name, anything long cut short. */
  add(path: string, message: string, { got, expected }: { got: unknown; expected: string }): void {
    if (this.full) return
    const echo = typeof got === 'number' && !Number.isFinite(got) ? String(got) : shown(got)
    this.list.push({ path, message, ...(echo === undefined ? {} : { got: echo }), expected })
  }

  get full(): boolean {
    return this.list.length >= MOST_FAULTS
  }

  /** Throws `invalid_model` if anything was wrong so far. */
  check(): void {
    if (this.list.length > 0) throw invalidModel(this.list)
  }
}

export function invalidModel(faults: readonly Fault[]): CohortError {
  const sentences = faults.map(({ path, message }) => `${path} ${message}`)
  const more = faults.length > 1 ? `, and ${faults.length - 1} more` : ''
  return new CohortError('invalid_model', `${sentences[0]}${more}`, { errors: faults })
}
