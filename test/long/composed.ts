// The repository's docker-compose.yml for a test, under a name and on ports of its own.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileOf } from '../support/processes.js'
import { type Docker, openDocker } from './docker.js'
import { freePort } from './free-port.js'
import { runProgram } from './run-program.js'
import { DEBIAN, makeStandIn, provideImage, STAND_INS, whyNoStandIns } from './stand-in-images.js'

/** What `docker inspect` says of a container, as far as it is looked at. */
export interface Container {
  readonly Id: string
  readonly Config: { readonly User: string }
  readonly HostConfig: { readonly ReadonlyRootfs: boolean; readonly CapDrop: readonly string[] | null }
  readonly State: {
    readonly Status: string
    readonly ExitCode: number
    readonly Health?: { readonly Status: string }
  }
}

export interface Composed {
  readonly docker: Docker['docker']
  readonly compose: (...args: string[]) => Promise<string>
  /** The containers of a service, those that ended too. */
  readonly containers: (service: string) => Promise<Container[]>
  /** Addresses on this machine. */
  readonly producer: string
  readonly prometheus: string
  /** Images that could not be pulled, and what stands in for them. */
  readonly standIns: readonly string[]
  /** Takes all of it away. */
  readonly close: () => Promise<void>
}

/** A build, or a pull of what it needs. */
const SLOW_MS = 900_000
const COMPOSE_FILE = 'docker-compose.yml'
const DOCKERFILE = 'deploy/docker/Dockerfile'

/** The images are there then, and nothing runs yet. A sentence where they cannot be had here. */
export async function openComposed(): Promise<Composed | string> {
  const engine = await openDocker()
  if (typeof engine === 'string') return engine
  const standIns: string[] = []
  const folder = await mkdtemp(join(tmpdir(), 'cohort-compose-'))
  const close = async () => {
    if (!engine.isOurs && standIns.length > 0) await engine.docker(['image', 'rm', ...standIns, DEBIAN])
    await engine.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const why = await provideImages(engine, standIns)
    if (why === undefined) return await composedOn(engine, { folder, standIns, close })
    await close()
    return why
  } catch (error) {
    await close()
    throw error
  }
}

type Parts = Pick<Composed, 'standIns' | 'close'> & { readonly folder: string }

async function composedOn(engine: Docker, { folder, standIns, close }: Parts): Promise<Composed> {
  const [port, prometheusPort] = [await freePort(), await freePort()]
  const env = {
    PORT: String(port),
    PROMETHEUS_PORT: String(prometheusPort),
    COHORT_THREADS: '1',
    NPM_CONFIG_REGISTRY: await npmRegistry(),
  }
  const project = ['--project-name', `cohort-test-${process.pid}`]
  const files = [fileOf(COMPOSE_FILE), ...(await overrides(engine, folder))]
  const base = [...project, ...files.flatMap((file) => ['--file', file])]
  const compose = (...args: string[]) => engine.compose([...base, ...args], { env, withinMs: SLOW_MS })
  return {
    docker: engine.docker,
    compose,
    containers: async (service) => {
      const ids = (await compose('ps', '--all', '--quiet', service)).split('\n').filter((id) => id !== '')
      return ids.length === 0 ? [] : (JSON.parse(await engine.docker(['inspect', ...ids])) as Container[])
    },
    producer: `http://127.0.0.1:${port}`,
    prometheus: `http://127.0.0.1:${prometheusPort}`,
    standIns,
    close: () =>
      compose('down', '--volumes', '--timeout', '5')
        .finally(close)
        .then(() => {}),
  }
}

/** Adds to `standIns` what it had to make. */
async function provideImages(engine: Docker, standIns: string[]): Promise<string | undefined> {
  const texts = await Promise.all([COMPOSE_FILE, DOCKERFILE].map((file) => readFile(fileOf(file), 'utf8')))
  for (const standIn of STAND_INS) {
    const image = new RegExp(`(?:image: |FROM )(\\S*${standIn}:\\S+)`).exec(texts.join('\n'))?.[1]
    if (image === undefined)
      throw new Error(`no image of ${standIn} is named in ${COMPOSE_FILE} or ${DOCKERFILE}`)
    if (await provideImage(engine, image)) continue
    const why = whyNoStandIns()
    if (why !== undefined) return why
    await makeStandIn(engine, image, standIn)
    standIns.push(image)
  }
  return undefined
}

/** A daemon of ours lets no container out: what a build fetches, it fetches as this machine does. */
async function overrides(engine: Docker, folder: string): Promise<string[]> {
  if (!engine.isOurs) return []
  const file = join(folder, 'build.yml')
  const service = (name: string) => `  ${name}: { build: { network: host } }\n`
  await writeFile(file, `services:\n${['producer', 'worker'].map(service).join('')}`)
  return [file]
}

/** Where this machine's npm gets its packages: the build is told to do the same. */
const npmRegistry = async (): Promise<string> =>
  (await runProgram('npm', ['config', 'get', 'registry'])).trim()
