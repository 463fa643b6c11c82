// Cuts a job's rows into tasks of about half a millisecond of compute. Used by leg dispatch.

/** The compute that a task aims at: long against handing it over (some 20 µs), short against the wait behind it. */
export const TASK_MS = 0.5
/** Where threads have nothing to do a job is cut finer, down to this: then the wait for it is shorter. */
const LEAST_MS = 0.1
/** Tasks begin at multiples of so many rows of a slot: two threads then share no cache line of a column. */
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

/**
 * Lists of segments, a list a task: all rows of all slots, each once, in their order. Small slots share a task, large
 * ones are cut; the tasks of a job are of about equal length. `idle`: threads that have nothing to do.
 */
export function cutTasks(slots: readonly SlotRows[], stepMs: number, idle = 0): Segment[][] {
  const total = slots.reduce((sum, { rows }) => sum + rows, 0)
  const ms = total * stepMs
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
      const to = alignedEnd(from + room, rows)
      // A task was pushed before the first row: there is always a last one.
      tasks.at(-1)?.push({ slot, rows, from, to })
      room -= to - from
      from = to
    }
  }
  return tasks
}

const alignedEnd = (end: number, rows: number): number =>
  Math.min(rows, Math.ceil(end / ROWS_ALIGNED) * ROWS_ALIGNED)
