// Cuts a job's rows into tasks of about half a millisecond of compute. Used by leg dispatch.

/** The compute that a task aims at: long against handing it over (some 20 µs), short against the wait behind it. */
export const TASK_MS = 0.5
/** Where threads have nothing to do a job is cut finer, down to this: then the wait for it is shorter. */
const LEAST_MS = 0.1
/**
 * Tasks begin at multiples of so many rows of a slot, so that two threads share no cache line of a column; where so
 * many take longer than a task shall, at multiples of what the kernel steps at a time.
 */
const ROWS_ALIGNED = 16

/** A part's rows in the arena: where its slot begins, and how many rows it is laid out for. */
export interface SlotRows {
  readonly slot: number
  readonly rows: number
}

/** Rows `from` to before `to` of one slot. */
export interface Segment extends SlotRows {
  readonly from: number
  readonly to: number
}

/** What is known of a job's model and of the pool. */
export interface Cut {
  readonly stepMs: number
  /** Rows that the kernel steps at a time. */
  readonly lanes: number
  /** Threads that have nothing to do. */
  readonly idle: number
}

/**
 * Lists of segments, a list a task: all rows of all slots, each once, in their order. Small slots share a task, large
 * ones are cut; the tasks of a job are of about equal length.
 */
export function cutTasks(slots: readonly SlotRows[], { stepMs, lanes, idle }: Cut): Segment[][] {
  const total = slots.reduce((sum, { rows }) => sum + rows, 0)
  const ms = total * stepMs
  const aligned = ROWS_ALIGNED * stepMs <= TASK_MS ? ROWS_ALIGNED : lanes
  const wanted = Math.max(1, Math.round(ms / TASK_MS), Math.min(idle, Math.floor(ms / LEAST_MS)))
  const most = Math.max(1, Math.ceil(total / wanted))
  const tasks: Segment[][] = []
  let room = 0
  for (const { slot, rows } of slots) {
    let from = 0
    while (from < rows) {
      if (room <= 0) {
        tasks.push([])
        room = most
      }
      const to = Math.min(rows, Math.ceil((from + room) / aligned) * aligned)
      // A task was pushed before the first row: there is always a last one.
      tasks.at(-1)?.push({ slot, rows, from, to })
      room -= to - from
      from = to
    }
  }
  return tasks
}
