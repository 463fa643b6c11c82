// What a run came to: as data for programs, in sentences for people.
import { GRID5_NOISY } from '@cohort/worlds'
import { grouped, percent, plural } from '../view/words.js'
import type { Account } from './ledger.js'
import type { Rates } from './meter.js'
import type { Squad } from './squad.js'

export interface DemoReport extends Account, Rates {
  readonly agents: number
  readonly ticks: number
  readonly workers: number
  /** Compute threads of all workers that the demo started. */
  readonly threads: number
  /** Share of the agents that stood on their goal at least once. */
  readonly atGoal: number
  /** The same of as many random walks in the same world, from the same cells. */
  readonly atGoalRandomWalk: number
  /** Mean ticks to the first arrival, of those that arrived; null where none did. */
  readonly meanTicksToGoal: number | null
}

/** Nothing lost, nothing doubled, all of it applied. */
export const holds = ({ lost, duplicated, stepsSent, stepsApplied }: Account): boolean =>
  lost === 0 && duplicated === 0 && stepsApplied === stepsSent

export type GoalFigures = Pick<DemoReport, 'atGoal' | 'atGoalRandomWalk' | 'meanTicksToGoal'>

export function goalFigures(squads: readonly Squad[]): GoalFigures {
  const reached = squads.flatMap(({ reachedAt }) => Array.from(reachedAt.filter((tick) => tick >= 0)))
  const agents = squads.reduce((sum, { place }) => sum + place.count, 0)
  const mean = reached.reduce((sum, tick) => sum + tick, 0) / reached.length
  return {
    atGoal: rounded(reached.length / agents),
    atGoalRandomWalk: rounded(shareReached(squads.map(({ walkReachedAt }) => walkReachedAt))),
    meanTicksToGoal: reached.length === 0 ? null : rounded(mean),
  }
}

/** Share of all entries that are not −1. */
export function shareReached(columns: readonly Int32Array[]): number {
  let reached = 0
  let all = 0
  for (const column of columns) {
    for (const tick of column) if (tick >= 0) reached += 1
    all += column.length
  }
  return all === 0 ? 0 : reached / all
}

interface Setting {
  readonly agents: number
  readonly ticks: number
  readonly workers: number
}

interface Running {
  readonly threadsEach: number
  readonly url: string
  /** Of the Redis that we started; undefined where it was given to us. */
  readonly ownRedisUrl: string | undefined
}

/** What is about to happen, and how another worker can take part. */
export function introduction(
  { agents, ticks, workers }: Setting,
  { threadsEach, url, ownRedisUrl }: Running,
): string[] {
  const { size, seenRight, movesRight } = GRID5_NOISY
  const computing = `${plural(workers, 'worker')} of ${plural(threadsEach, 'compute thread')}`
  return [
    `${plural(agents, 'agent')}, ${plural(ticks, 'tick')}; ${computing}`,
    `producer: ${url}`,
    `${size}×${size} cells, a goal in a corner; agents see their own cell with probability ${seenRight},`,
    `their moves succeed with ${movesRight}, else they land on any other cell`,
    'one more worker, in another shell:',
    // A URL that was given may hold a password, and whoever gave it knows it.
    `  REDIS_URL=${ownRedisUrl ?? '(the same)'} npm run -s cohort -- worker`,
  ]
}

export function sentences(report: DemoReport): string[] {
  const { stepsApplied, meanTicksToGoal: mean } = report
  const { p50, p95, p99 } = report.latencyMs
  const product = `${plural(report.agents, 'agent')} × ${plural(report.ticks, 'tick')}`
  const arrival = mean === null ? '' : `, after ${mean.toFixed(1)} ticks on average`
  return [
    `${product} = ${plural(report.stepsSent, 'step')} sent over HTTP`,
    `${grouped(stepsApplied)} applied (counted in Redis), ${report.lost} lost, ${report.duplicated} duplicated`,
    `at their goal at least once: ${percent(report.atGoal)} of the agents${arrival}`,
    `agents moving at random:     ${percent(report.atGoalRandomWalk)}`,
    `${grouped(report.stepsPerSecond)} steps/s; request to answer p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`,
    holds(report) ? 'Every step was applied exactly once.' : 'NOT every step was applied exactly once.',
  ]
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000
