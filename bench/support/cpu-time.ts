// The CPU time of processes, all their threads: on a busy machine it tells more than the clock on the wall.
import { existsSync, readFileSync } from 'node:fs'

/** The kernel tells it in hundredths of a second, whatever its own tick. */
const TICKS_PER_SECOND = 100
/** After the name in parentheses, which may hold anything, the state is the first field. */
const USER = 11
const SYSTEM = 12

/** Seconds used so far by all of them together; undefined where the system has no `/proc`. */
export function cpuSecondsOf(pids: readonly number[]): number | undefined {
  if (!existsSync('/proc/self/stat')) return undefined
  return pids.reduce((sum, pid) => sum + secondsOf(readFileSync(`/proc/${pid}/stat`, 'utf8')), 0)
}

function secondsOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[USER]) + Number(fields[SYSTEM])) / TICKS_PER_SECOND
}
