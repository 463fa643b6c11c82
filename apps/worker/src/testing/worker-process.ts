// For tests: a worker as a process of its own, as it is run in earnest.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url))

export interface WorkerProcess {
  readonly child: ChildProcess
  /** Lines on standard output so far. */
  readonly lines: readonly string[]
  /** Resolves with its first line; rejects where it ends before. */
  ready(): Promise<string>
  /** Resolves with the first match in its log. */
  logs(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves when it has ended, with all that it wrote to standard error. */
  ended(): Promise<{ code: number | null; stderr: string }>
}

/** Its environment is `env` alone: nothing of the test's own gets in. Killed with the test at the latest. */
export function startWorkerProcess(env: Readonly<Record<string, string>>): WorkerProcess {
  const child = fork(MAIN, [], {
    env: { COHORT_PINNING: 'off', COHORT_LOG_LEVEL: 'debug', ...env },
    silent: true,
    execArgv: [],
  })
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  // `silent` gives both of them.
  const [stdout, stderr] = [child.stdout!, child.stderr!]
  const lines: string[] = []
  let log = ''
  let code: number | null | undefined
  const heard = new EventTarget()
  const tell = () => heard.dispatchEvent(new Event('heard'))
  createInterface(stdout).on('line', (line) => (lines.push(line), tell()))
  stderr.setEncoding('utf8').on('data', (text: string) => ((log += text), tell()))
  // Not its `close`: that does not come where the test has closed the channel.
  void Promise.all([once(child, 'exit'), once(stdout, 'end'), once(stderr, 'end')]).then(([[status]]) => {
    code = status as number | null
    process.off('exit', killWithUs)
    tell()
  })
  const until = async <T>(found: () => T | undefined): Promise<T> => {
    for (let value = found(); ; value = found()) {
      if (value !== undefined) return value
      if (code !== undefined) throw new Error(`the worker has ended with ${code}: ${log}`)
      await once(heard, 'heard')
    }
  }
  return {
    child,
    lines,
    ready: () => until(() => lines[0]),
    logs: (pattern) => until(() => pattern.exec(log) ?? undefined),
    async ended() {
      while (code === undefined) await once(heard, 'heard')
      return { code, stderr: log }
    },
  }
}
