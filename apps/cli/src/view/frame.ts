// What there is to see of a run at one moment, and who shows it.
import { GRID5_NOISY } from '@cohort/worlds'
import { shareReached } from '../demo/report.js'
import type { Squad } from '../demo/squad.js'
import type { Rates } from '../demo/meter.js'

export interface Frame extends Rates {
  /** Ticks that every agent has behind it. */
  readonly tick: number
  readonly ticks: number
  readonly agents: number
  /** Agents on each cell. */
  readonly cells: Uint32Array
  /** Random walks on each cell. */
  readonly walkCells: Uint32Array
  /** Share that stood on their goal at least once. */
  readonly reached: number
  readonly walkReached: number
}

export interface View {
  /** A line that stays, above the frame. */
  line(text: string): void
  /** Shows the run as it is now; `frame` is only made where it is shown. */
  show(tick: number, frame: () => Frame): void
  /** The last frame stays where it is; later lines come below it. May be called twice. */
  close(): void
}

export function frameOf(squads: readonly Squad[], ticks: number, rates: Rates): Frame {
  return {
    ...rates,
    tick: slowest(squads),
    ticks,
    agents: squads.reduce((sum, { place }) => sum + place.count, 0),
    cells: countPerCell(squads.map(({ cells }) => cells)),
    walkCells: countPerCell(squads.map(({ walkCells }) => walkCells)),
    reached: shareReached(squads.map(({ reachedAt }) => reachedAt)),
    walkReached: shareReached(squads.map(({ walkReachedAt }) => walkReachedAt)),
  }
}

/** Squads do not wait for each other: a tick is over when the last one has it behind it. */
export const slowest = (squads: readonly Squad[]): number =>
  squads.reduce((least, { tick }) => Math.min(least, tick), Infinity)

function countPerCell(columns: readonly Int32Array[]): Uint32Array {
  const counts = new Uint32Array(GRID5_NOISY.size ** 2)
  for (const column of columns) for (const cell of column) counts[cell] = (counts[cell] ?? 0) + 1
  return counts
}
