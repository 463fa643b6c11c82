// How else than a worker does it a job could be cut: for what its way is worth. Used by ../ablation.ts
import { cutTasks } from '@cohort/worker/parts'

type Cut = typeof cutTasks

/** A task a block, whatever it costs. */
export const cutByBlock: Cut = (slots) => slots.map(({ slot, rows }) => [{ slot, rows, from: 0, to: rows }])

/** Within a group of sixteen rows, whose outcomes are on one cache line. */
const SHIFT = 5

/** As a worker does it, but each cut within a block some rows later: two threads then write to one cache line. */
export const cutWithinLines: Cut = (slots, cut) =>
  cutTasks(slots, cut).map((segments) =>
    segments.map((segment) => ({
      ...segment,
      from: segment.from === 0 ? 0 : segment.from + SHIFT,
      to: segment.to === segment.rows ? segment.to : Math.min(segment.rows, segment.to + SHIFT),
    })),
  )
