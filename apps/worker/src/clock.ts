// The worker's one clock, the same on the main thread and on the compute threads: marks of legs can be compared.

/** Milliseconds since 1970, with microseconds behind the point; never runs backwards within a process. */
export const nowMs = (): number => performance.timeOrigin + performance.now()
