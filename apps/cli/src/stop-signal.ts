// Ctrl-C, SIGTERM, a closed terminal, a parent that died: each asks for the same clean stop.

/** The reason of the abort; `exitCode` is what a shell expects of a process that ended so. */
export class StopRequest {
  readonly exitCode: number

  constructor(exitCode: number) {
    this.exitCode = exitCode
  }
}

/** 128 + the signal's number. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
const PARENT_GONE = EXIT_CODES.SIGTERM

/**
 * A signal to a whole group of processes comes twice: from whoever sent it, and from the one that started us, which
 * passes it on. What comes so soon after the first is the same request.
 */
const SAME_MS = 500

/**
 * Runs a command that holds processes or a terminal. The first request to stop aborts its signal, and the
 * command ends by itself; the second ends this process at once (`processes.ts` then kills what it started).
 * `farewell` is said when Ctrl-C has ended it: only then is somebody sure to be there to read it.
 */
export async function untilStopped(
  run: (signal: AbortSignal) => Promise<number>,
  farewell: () => void = () => undefined,
): Promise<number> {
  const controller = new AbortController()
  let askedMs = Infinity
  const stop = (exitCode: number) => {
    if (controller.signal.aborted) {
      if (performance.now() - askedMs > SAME_MS) process.exit(exitCode)
      return
    }
    askedMs = performance.now()
    controller.abort(new StopRequest(exitCode))
  }
  const onSignal = (name: keyof typeof EXIT_CODES) => stop(EXIT_CODES[name])
  const onDisconnect = () => stop(PARENT_GONE)
  const names = Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[]
  for (const name of names) process.on(name, onSignal)
  process.on('disconnect', onDisconnect)
  try {
    return await run(controller.signal)
  } catch (error) {
    if (!(error instanceof StopRequest)) throw error
    if (error.exitCode === EXIT_CODES.SIGINT) farewell()
    return error.exitCode
  } finally {
    for (const name of names) process.off(name, onSignal)
    process.off('disconnect', onDisconnect)
  }
}
