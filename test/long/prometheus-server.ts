// A real Prometheus for a test: our configuration and rules, with targets that the test names in place of containers.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileOf } from '../support/processes.js'
import { until } from '../support/until.js'
import { freePort } from './free-port.js'

export const CONFIGURATION = fileOf('deploy/prometheus/prometheus.yml')
export const RULES = fileOf('deploy/prometheus/rules.yml')

export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [seconds: number, text: string]
}
export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>
  readonly value: string
}

export interface PrometheusServer {
  readonly stop: () => Promise<void>
  readonly url: string
}

export async function startPrometheus(
  targets: Readonly<Record<string, string[]>>,
): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cohort-prometheus-'))
  await copyFile(RULES, join(folder, 'rules.yml'))
  const config = join(folder, 'prometheus.yml')
  await writeFile(config, withTargets(await readFile(CONFIGURATION, 'utf8'), targets))
  const address = `127.0.0.1:${await freePort()}`
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--enable-feature=exemplar-storage',
  ]
  const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = once(child, 'exit')
  const url = `http://${address}`
  const stop = async () => {
    if (child.exitCode === null) child.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await until('Prometheus is ready', async () => {
      if (child.exitCode !== null) throw new Error('Prometheus ended')
      return (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok
    })
  } catch (error) {
    await stop()
    throw new Error(`Prometheus did not start:\n${said}`, { cause: error })
  }
  return { url, stop }
}

/** Looks each second, so that a test need not wait for long. */
function withTargets(config: string, targets: Readonly<Record<string, string[]>>): string {
  const faster = config.replaceAll(/_interval: 5s/g, '_interval: 1s')
  return Object.entries(targets).reduce((text, [job, addresses]) => {
    const discovery = new RegExp(`(job_name: ${job}\\n) +dns_sd_configs:\\n.*\\n`)
    if (!discovery.test(text)) throw new Error(`the configuration finds no ${job} by its name`)
    return text.replace(discovery, `$1    static_configs: [{ targets: ${JSON.stringify(addresses)} }]\n`)
  }, faster)
}

/** An instant query; nothing where Prometheus does not answer (yet). Throws where it does not understand. */
export async function query(url: string, expression: string): Promise<Series[]> {
  return ((await ask(url, 'query', { query: expression })) as { result?: Series[] }).result ?? []
}

/** Of the last minutes. */
export async function exemplars(url: string, expression: string): Promise<Exemplar[]> {
  const now = Date.now() / 1000
  const range = { query: expression, start: String(now - 600), end: String(now + 60) }
  const found = (await ask(url, 'query_exemplars', range)) as { exemplars: Exemplar[] }[]
  return found.flatMap((series) => series.exemplars)
}

async function ask(url: string, path: string, parameters: Record<string, string>): Promise<unknown> {
  const address = `${url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`
  const response = await fetch(address).catch(() => undefined)
  if (response === undefined) return []
  const answer = (await response.json()) as { status: string; error?: string; data?: unknown }
  if (answer.status !== 'success') throw new Error(`${parameters['query']}: ${answer.error}`)
  return answer.data
}
