// Stand-ins for images that cannot be pulled: Debian with the same program in it, under the name that our files use.
//
// A stand-in is not the image: another build of the program, often an older one, and more of Debian around it. It lets
// our Dockerfile, our compose file and our configuration run for real where no image registry can be reached. What only
// the real image can show (its size, its entry point) is not tested with it.
import { copyFile, cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Docker } from './docker.js'
import { onPath, runProgram } from './run-program.js'

/** What they are made of. */
export const DEBIAN = 'cohort-stand-in:debian'
const PULL_MS = 300_000
const MAKE_MS = 600_000

export const STAND_INS = ['node', 'redis', 'prometheus'] as const
export type StandIn = (typeof STAND_INS)[number]

interface Recipe {
  /** What follows `FROM`. */
  readonly lines: readonly string[]
  /** Puts beside them what they copy. */
  readonly fill?: (folder: string) => Promise<void>
}

const RECIPES: Readonly<Record<StandIn, Recipe>> = {
  node: {
    lines: [
      `RUN ${install('libatomic1')} && useradd --uid 1000 --create-home node`,
      'COPY node /usr/local/bin/node',
      'COPY npm /usr/local/lib/node_modules/npm',
      'RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm',
      // Where this machine reaches its npm registry past a certificate of its own, so must npm in there.
      'COPY certificates /usr/local/share/certificates',
      'ENV NODE_EXTRA_CA_CERTS=/usr/local/share/certificates/all.pem',
    ],
    fill: copyNode,
  },
  redis: {
    lines: [
      `RUN ${install('redis-server')} && mkdir /data && chown redis:redis /data`,
      'VOLUME /data',
      'WORKDIR /data',
      // The image's server is built with this off: it is reached from other containers without a password.
      String.raw`ENTRYPOINT ["sh", "-c", "exec \"$@\" --protected-mode no", "sh"]`,
    ],
  },
  prometheus: {
    lines: [
      `RUN ${install('prometheus')} && mkdir -p /prometheus && chown nobody /prometheus`,
      'USER nobody',
      'VOLUME /prometheus',
      'ENTRYPOINT ["/usr/bin/prometheus"]',
    ],
  },
}

/** True where the image is there, or could be pulled. */
export async function provideImage(engine: Docker, image: string): Promise<boolean> {
  const succeeds = (args: string[], withinMs: number) =>
    engine.docker(args, { withinMs }).then(
      () => true,
      () => false,
    )
  if (await succeeds(['image', 'inspect', image], PULL_MS)) return true
  return succeeds(['pull', '--quiet', image], PULL_MS)
}

/** A sentence where stand-ins cannot be made here. */
export function whyNoStandIns(): string | undefined {
  if (onPath('debootstrap') === undefined) return 'images cannot be pulled, and debootstrap is not on PATH'
  return process.getuid?.() === 0 ? undefined : 'images cannot be pulled, and only root may make stand-ins'
}

export async function makeStandIn(engine: Docker, image: string, standIn: StandIn): Promise<void> {
  await makeDebian(engine)
  await inFolder(async (folder) => {
    const { lines, fill } = RECIPES[standIn]
    await fill?.(folder)
    await writeFile(join(folder, 'Dockerfile'), `${[`FROM ${DEBIAN}`, ...lines].join('\n')}\n`)
    const build = ['build', '--quiet', '--network', 'host', '--tag', image, folder]
    await engine.docker(build, { withinMs: MAKE_MS })
  })
}

async function makeDebian(engine: Docker): Promise<void> {
  const found = await engine.docker(['image', 'ls', '--quiet', DEBIAN])
  if (found.trim() !== '') return
  await inFolder(async (folder) => {
    const options = { withinMs: MAKE_MS }
    await runProgram('debootstrap', ['--variant=minbase', 'bookworm', join(folder, 'root')], options)
    const archive = join(folder, 'root.tar')
    await runProgram('tar', ['-C', join(folder, 'root'), '-cf', archive, '.'], options)
    await engine.docker(['import', archive, DEBIAN], options)
  })
}

/** The Node that runs this, and its npm. */
async function copyNode(folder: string): Promise<void> {
  const npm = onPath('npm')
  if (npm === undefined) throw new Error('npm is not on PATH')
  const certificates = process.env['NODE_EXTRA_CA_CERTS']
  await copyFile(process.execPath, join(folder, 'node'))
  await cp(dirname(dirname(await realpath(npm))), join(folder, 'npm'), { recursive: true })
  await mkdir(join(folder, 'certificates'))
  const all = join(folder, 'certificates', 'all.pem')
  await (certificates === undefined ? writeFile(all, '') : copyFile(certificates, all))
}

function install(name: string): string {
  return `apt-get update && apt-get install --yes --no-install-recommends ${name} && rm -rf /var/lib/apt/lists/*`
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cohort-stand-in-'))
  try {
    await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
