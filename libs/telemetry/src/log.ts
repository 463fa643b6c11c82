// What a process says while it runs: one JSON object a line.

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
type Fields = Readonly<Record<string, unknown>>
export type Log = Readonly<
  Record<'debug' | 'info' | 'warn' | 'error', (message: string, fields?: Fields) => void>
>

interface LogOptions {
  /** Which app speaks: `producer`, `worker`. */
  readonly app: string
  /** Lines below it are not written. */
  readonly level: LogLevel
  /** Takes whole lines. */
  readonly write: (line: string) => void
  /** Stamps them. */
  readonly nowMs: () => number
}

export function openLog({ app, level, write, nowMs }: LogOptions): Log {
  const at = (of: Exclude<LogLevel, 'silent'>) => {
    if (LOG_LEVELS.indexOf(of) < LOG_LEVELS.indexOf(level)) return () => {}
    return (message: string, fields: Fields = {}) => {
      const time = new Date(nowMs()).toISOString()
      write(`${JSON.stringify({ time, level: of, app, message, ...plain(fields) })}\n`)
    }
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Says nothing. */
export const SILENT: Log = openLog({ app: '', level: 'silent', write: () => {}, nowMs: () => 0 })

/** Errors do not survive JSON: their message, code and stack are what a reader needs. */
const plain = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? told(value) : value]),
  )

const told = (error: Error): Fields => ({
  message: error.message,
  ...('code' in error ? { code: error.code } : {}),
  stack: error.stack
    ?.split('\n')
    .slice(1, 6)
    .map((line) => line.trim()),
  ...(error.cause instanceof Error ? { cause: told(error.cause) } : {}),
})
