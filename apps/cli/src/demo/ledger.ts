// Keeps account of every step that was sent: answered with the right number, and found in Redis at the end.
import type { Batch } from '@cohort/contracts'

/** Steps that a population's agents have taken, as the producer counts them in Redis. */
export interface StepCounts {
  readonly total: number
  readonly min: number
  readonly max: number
}

export interface Account {
  readonly stepsSent: number
  readonly stepsApplied: number
  /** Acknowledged and not there. */
  readonly lost: number
  /** There more often than sent. */
  readonly duplicated: number
}

/** The agents of one population. An answer's step number must be the agent's last one plus one. */
export class Ledger {
  readonly #last: Float64Array
  #sent = 0
  #lost = 0
  #duplicated = 0
  #found: StepCounts | undefined

  constructor(agents: number) {
    this.#last = new Float64Array(agents)
  }

  sent(steps: number): void {
    this.#sent += steps
  }

  answered({ results }: Batch): void {
    const steps = results?.step ?? []
    results?.agents.forEach((agent, i) => {
      const step = steps[i] ?? 0
      const advance = step - (this.#last[agent] ?? 0)
      if (advance < 1) this.#lost += 1 - advance
      else this.#duplicated += advance - 1
      this.#last[agent] = step
    })
  }

  /** What Redis holds when everything is answered: sums, and the extremes that a sum could hide. */
  found(counts: StepCounts): void {
    this.#found = counts
    const answered = this.#last.reduce((sum, step) => sum + step, 0)
    const least = this.#last.reduce((low, step) => Math.min(low, step), Infinity)
    const most = this.#last.reduce((high, step) => Math.max(high, step), 0)
    this.#lost += Math.max(answered - counts.total, least - counts.min, 0)
    this.#duplicated += Math.max(counts.total - answered, counts.max - most, 0)
  }

  get account(): Account {
    const { total } = this.#found ?? { total: 0 }
    return { stepsSent: this.#sent, stepsApplied: total, lost: this.#lost, duplicated: this.#duplicated }
  }
}

export const addAccounts = (accounts: readonly Account[]): Account =>
  accounts.reduce((sum, one) => ({
    stepsSent: sum.stepsSent + one.stepsSent,
    stepsApplied: sum.stepsApplied + one.stepsApplied,
    lost: sum.lost + one.lost,
    duplicated: sum.duplicated + one.duplicated,
  }))
