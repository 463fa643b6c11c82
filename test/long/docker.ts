// A container engine for a test: the machine's own, or a daemon that is started for the test and goes with it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../support/until.js'
import { onPath, runProgram, type RunOptions } from './run-program.js'

export interface Docker {
  /** True where the daemon was started here: all that it holds goes with it. */
  readonly isOurs: boolean
  readonly docker: (args: readonly string[], options?: RunOptions) => Promise<string>
  /** `docker compose`, or the older `docker-compose`. */
  readonly compose: (args: readonly string[], options?: RunOptions) => Promise<string>
  readonly stop: () => Promise<void>
}

/** A daemon whose test was killed ends by itself after this time. */
const LONGEST_SECONDS = 1800
const START_MS = 60_000

/** A sentence where there is no engine and none can be started. */
export async function openDocker(): Promise<Docker | string> {
  if (onPath('docker') === undefined) return 'docker is not on PATH'
  const compose = await composeCommand()
  if (compose === undefined) return 'neither `docker compose` nor `docker-compose` is there'
  if (await answers({})) return { ...commands({}, compose), isOurs: false, stop: () => Promise.resolve() }
  if (process.getuid?.() !== 0) return 'no container engine runs, and only root may start one'
  if (onPath('dockerd') === undefined) return 'no container engine runs, and dockerd is not on PATH'
  return startDaemon(compose)
}

async function composeCommand(): Promise<readonly [string, ...string[]] | undefined> {
  for (const command of [['docker', 'compose'], ['docker-compose']] as const) {
    const [program, ...args] = command
    const isThere = runProgram(program, [...args, 'version']).then(
      () => true,
      () => false,
    )
    if (await isThere) return command
  }
  return undefined
}

const answers = (env: Record<string, string>): Promise<boolean> =>
  runProgram('docker', ['info'], { env }).then(
    () => true,
    () => false,
  )

function commands(env: Record<string, string>, [program, ...args]: readonly [string, ...string[]]) {
  const options = (own: RunOptions = {}): RunOptions => ({ ...own, env: { ...env, ...own.env } })
  return {
    docker: (more: readonly string[], own?: RunOptions) => runProgram('docker', more, options(own)),
    compose: (more: readonly string[], own?: RunOptions) =>
      runProgram(program, [...args, ...more], options(own)),
  }
}

/**
 * With its images, its socket and its process number in a folder of its own. It leaves the machine's network as it
 * is: no bridge but those of the networks that the test makes and removes, no forwarding, no firewall rules. So its
 * containers reach each other and are reached on this machine's ports, and nothing else.
 */
async function startDaemon(compose: readonly [string, ...string[]]): Promise<Docker> {
  const dir = await mkdtemp(join(tmpdir(), 'cohort-engine-'))
  const host = `unix://${dir}/docker.sock`
  const places = ['--data-root', `${dir}/data`, '--exec-root', `${dir}/run`, '--pidfile', `${dir}/pid`]
  const network = ['--bridge=none', '--iptables=false', '--ip-forward=false', '--ip-masq=false']
  const args = ['--kill-after=30', String(LONGEST_SECONDS), 'dockerd', '--host', host, ...places, ...network]
  const daemon = spawn('timeout', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  daemon.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-20_000)))
  const ended = once(daemon, 'exit')
  const stop = async () => {
    daemon.kill('SIGTERM')
    await ended
    // It leaves the network that it found mounted among its own.
    for (const mount of await mountsIn(dir)) await runProgram('umount', [mount])
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await until(
      'the container engine answers',
      async () => {
        if (daemon.exitCode !== null) throw new Error('dockerd ended')
        return answers({ DOCKER_HOST: host })
      },
      START_MS,
    )
  } catch (error) {
    await stop()
    throw new Error(`dockerd did not start:\n${said}`, { cause: error })
  }
  return { ...commands({ DOCKER_HOST: host }, compose), isOurs: true, stop }
}

async function mountsIn(folder: string): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  return mounts.filter((mount) => mount.startsWith(`${folder}/`)).reverse()
}
