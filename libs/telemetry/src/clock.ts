// The one clock of a process, the same on its main thread and on its compute threads: marks of legs can be compared.

/** Milliseconds since 1970, with microseconds behind the point; never runs backwards within a process. */
export const nowMs = (): number => performance.timeOrigin + performance.now()
