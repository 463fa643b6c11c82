// The end of the process: a signal, or the parent's death, closes what was opened, last opened first, and exits 0.
import type { Log } from '@cohort/telemetry'

/** What is closed after the jobs gets this long on top of the deadline: connections, threads, the health endpoint. */
const GRACE_MS = 2_000

/** `leave`: what was opened before is still in use and is left to the end of the process. */
type Closed = void | 'leave'

interface Opened {
  readonly name: string
  readonly close: () => Promise<Closed> | Closed
}

/**
 * Nest's own shutdown hooks raise the signal again when they are done, and the process ends with 143: an orderly end
 * would look like a kill. So the end is here: `begin` runs once, whatever calls it, and never rejects.
 */
export class Drain {
  readonly #opened: Opened[] = []
  readonly #log: Log
  readonly #deadlineMs: number
  readonly #exit: (code: number) => void
  #begun: Promise<void> | undefined

  constructor({ log, deadlineMs, exit }: { log: Log; deadlineMs: number; exit: (code: number) => void }) {
    this.#log = log
    this.#deadlineMs = deadlineMs + GRACE_MS
    this.#exit = exit
  }

  get begun(): boolean {
    return this.#begun !== undefined
  }

  /** Called by whoever opened something, as soon as it is open. */
  opened(name: string, close: Opened['close']): void {
    this.#opened.push({ name, close })
  }

  /** SIGTERM and SIGINT; and `disconnect`, when the process that started this one with a channel is gone. */
  listen(source: NodeJS.EventEmitter & { readonly connected?: boolean }): void {
    for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) source.on(event, () => void this.begin(event))
    // Gone before this line: the event has been, and nobody heard it.
    if (source.connected === false) void this.begin('disconnect')
  }

  /** Resolves when `exit` has been called: with 0, or with `code` where the end is not an orderly one. */
  begin(reason: string, code = 0): Promise<void> {
    return (this.#begun ??= this.#run(reason, code))
  }

  async #run(reason: string, code: number): Promise<void> {
    this.#log.info('draining: no more jobs are taken', { reason })
    const late = setTimeout(() => {
      this.#log.warn('the drain deadline has passed: the process ends as it is')
      this.#exit(code)
    }, this.#deadlineMs)
    await this.#closeAll()
    clearTimeout(late)
    this.#log.info('drained')
    this.#exit(code)
  }

  async #closeAll(): Promise<void> {
    for (let last = this.#opened.pop(); last !== undefined; last = this.#opened.pop()) {
      try {
        if ((await last.close()) === 'leave') return
        this.#log.debug('closed', { what: last.name })
      } catch (error) {
        this.#log.error('could not be closed', { what: last.name, error })
      }
    }
  }
}
