// Collects what is wrong with a model, so that a caller mends it in one go.
import { CohortError, type Fault, faultsSaid, MOST_FAULTS, shown } from '@cohort/contracts'

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

  /** Whether something is wrong with `path` or within it: what follows from that need not be said too. */
  within(path: string): boolean {
    return this.list.some((fault) => fault.path === path || fault.path.startsWith(`${path}[`))
  }

  /** Throws `invalid_model` if anything was wrong so far. */
  check(): void {
    if (this.list.length > 0) throw invalidModel(this.list)
  }
}

export function invalidModel(faults: readonly Fault[]): CohortError {
  return new CohortError('invalid_model', faultsSaid(faults), { errors: faults })
}
