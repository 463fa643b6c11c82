// The producer's one clock. Its marks stand beside those of the workers, which are kept the same way.

/** Milliseconds since 1970, with microseconds behind the point; never runs backwards within a process. */
export const nowMs = (): number => performance.timeOrigin + performance.now()
