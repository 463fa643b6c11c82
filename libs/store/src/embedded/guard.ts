// For embedded.ts: a shell that outlives this process by a moment, to stop the server when this process is killed.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/**
 * Reads pids, one a line; an empty line takes the last one back. Its input ends when the process that holds the other
 * end of the pipe is gone, however it went, `kill -9` included: then the last pid is stopped, if need be by force.
 * Portable: nothing but a POSIX shell (and a `sleep` that knows fractions, as those of Linux, macOS and the BSDs do).
 */
const SCRIPT = `
while read -r line; do pid=$line; done
[ -n "$pid" ] || exit 0
kill -TERM "$pid" || exit 0
tries=0
while [ $tries -lt 25 ] && kill -0 "$pid"; do sleep 0.2; tries=$((tries + 1)); done
kill -KILL "$pid"`

export interface Guard {
  /** The guard's own process. */
  readonly pid: number | undefined
  /** From now on this one is stopped when we are gone. Call it in the same breath as the process is started. */
  watch(pid: number): void
  /** The process watched has ended: its pid may be another's soon. */
  unwatch(): void
  close(): Promise<void>
}

export function openGuard(log: (message: string) => void): Guard {
  let watched = ''
  let closing = false
  let shell = start()

  function start(): ChildProcess {
    // A session of its own: Ctrl-C in the terminal is for us, and we stop the server when we are done with it.
    const started = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
    started.on('error', (error) => log(`the guard of the Redis server did not start: ${error.message}`))
    // It may die under a write: its end says so.
    started.stdin?.on('error', () => {})
    started.once('exit', () => {
      if (closing) return
      shell = start()
      log('the guard of the Redis server was killed; another has taken its place')
    })
    started.stdin?.write(`${watched}\n`)
    return started
  }

  const tell = (pid: string) => {
    watched = pid
    shell.stdin?.write(`${pid}\n`)
  }
  return {
    get pid() {
      return shell.pid
    },
    watch: (pid) => tell(String(pid)),
    unwatch: () => tell(''),
    async close() {
      closing = true
      if (shell.exitCode !== null || shell.signalCode !== null) return
      const ended = once(shell, 'exit')
      tell('')
      shell.stdin?.end()
      await ended
    },
  }
}
