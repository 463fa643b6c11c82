// What a process says while it runs: one JSON object a line, or a line for people where a person looks on.
import { pino, type Logger } from 'pino'
import { prettyFactory } from 'pino-pretty'
import type { LogFormat, LogLevel } from './settings.js'

type Fields = Readonly<Record<string, unknown>>
export type Log = Readonly<
  Record<'debug' | 'info' | 'warn' | 'error', (message: string, fields?: Fields) => void>
>

interface LogOptions {
  /** Which app speaks: `producer`, `worker`. */
  readonly app: string
  /** Lines below it are not written. */
  readonly level: LogLevel
  /** JSON where it is left out. */
  readonly format?: LogFormat
  /** Whether `write` ends on a terminal: then `auto` is pretty, and pretty has colours. */
  readonly isTerminal?: boolean
  /** Takes whole lines, and has them when it returns; false where one is lost, which is told with the next. */
  readonly write: (line: string) => unknown
  /** Stamps them. */
  readonly nowMs: () => number
  /** What each line carries beside its fields: the trace that is active. */
  readonly context?: () => Fields | undefined
}

export function openLog({ app, level, format = 'json', isTerminal = false, ...out }: LogOptions): Log {
  const { nowMs, context } = out
  const isPretty = format === 'pretty' || (format === 'auto' && isTerminal)
  let lost = 0
  const write = (line: string) => {
    if (out.write(line) === false) lost += 1
    else if (lost > 0) {
      const lines = lost
      lost = 0
      logger.warn({ lines }, 'lines of this log were lost: nobody read them')
    }
  }
  const logger: Logger = pino(
    {
      level,
      base: { app },
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(nowMs()).toISOString()}"`,
      formatters: { level: (word) => ({ level: word }), log: plain },
      ...(context === undefined ? {} : { mixin: () => context() ?? {} }),
    },
    { write: isPretty ? prettily(write, isTerminal) : write },
  )
  const at = (of: Exclude<LogLevel, 'silent'>) =>
    logger.isLevelEnabled(of)
      ? (message: string, fields: Fields = {}) => logger[of](fields, message)
      : () => {}
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Says nothing. */
export const SILENT: Log = openLog({ app: '', level: 'silent', write: () => {}, nowMs: () => 0 })

/** In this very process: a stream or a thread would still have lines when the process exits. */
function prettily(write: (line: string) => void, colorize: boolean): (line: string) => void {
  const pretty = prettyFactory({
    colorize,
    messageKey: 'message',
    ignore: 'app',
    messageFormat: '{app}: {message}',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  })
  return (line) => write(pretty(line))
}

/** A cause may lead back to itself. */
const MOST_CAUSES = 4

/** Errors do not survive JSON: their message, code and stack are what a reader needs. */
function plain(fields: Fields): Record<string, unknown> {
  const told = (value: unknown) => (value instanceof Error ? asData(value) : value)
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, told(value)]))
}

function asData(error: Error, causes = MOST_CAUSES): Fields {
  return {
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    stack: error.stack
      ?.split('\n')
      .slice(1, 6)
      .map((line) => line.trim()),
    ...(error.cause instanceof Error && causes > 0 ? { cause: asData(error.cause, causes - 1) } : {}),
  }
}
