// Runs the tools that look at sources, and proves on planted faults that they see what they are there for.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { ROOT } from './sources.js'

function runTool(name: string, args: readonly string[], cwd = ROOT): { code: number | null; output: string } {
  const program = join(ROOT, 'node_modules/.bin', name)
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd,
    encoding: 'utf8',
  })
  return { code: status, output: `${stdout}${stderr}` }
}

const finds = (name: string, ...args: string[]) => {
  const { code, output } = runTool(name, args)
  assert.equal(code, 0, `\n${output}`)
}

test('oxlint finds nothing', () => finds('oxlint', '--deny-warnings'))
test('oxfmt would change nothing (npm run format writes the one format)', () => finds('oxfmt', '--check'))
test('knip finds no file, export or dependency that nothing uses', () => finds('knip', '--no-progress'))

/** A fault, the file that it is planted in, and what the linter must say there. */
const PLANTS: readonly (readonly [path: string, text: string, said: RegExp])[] = [
  [
    'libs/inference/src/redis.ts',
    `import { Redis } from 'ioredis'`,
    /libs\/inference may import .*: it is pure/,
  ],
  ['libs/inference/src/node.ts', `import { readFileSync } from 'node:fs'`, /must run in a browser/],
  [
    'libs/inference/src/deep.ts',
    `import { X } from '@cohort/contracts/dist/ids.js'`,
    /libs\/inference may import/,
  ],
  [
    'libs/inference/src/around.ts',
    `import { X } from '../../store/src/keys.js'`,
    /libs\/inference may import/,
  ],
  [
    'libs/inference/src/later.ts',
    `export const later = () => import('ioredis')`,
    /libs\/inference may import/,
  ],
  ['libs/cache/src/knows.ts', `import { mapModel } from '@cohort/inference'`, /libs\/cache may import/],
  ['libs/contracts/src/ours.ts', `export * from '@cohort/store'`, /libs\/contracts may import typebox/],
  ['libs/worlds/src/store.ts', `import { openStore } from '@cohort/store'`, /libs\/worlds may import/],
  ['libs/queue/src/redis.ts', `import { Redis } from 'ioredis'`, /libs\/queue may import/],
  ['libs/store/src/bull.ts', `import { Queue } from 'bullmq'`, /libs\/store may import/],
  ['libs/client/src/node.ts', `import { request } from 'node:http'`, /libs\/client may import/],
  ['libs/threads/src/compute.ts', `import { stepRows } from '@cohort/inference'`, /libs\/threads may import/],
  ['apps/producer/src/threads.ts', `import { Pool } from '@cohort/threads'`, /apps\/producer may import/],
  [
    'apps/producer/src/steps/watched.ts',
    `export * from '../observe/metrics.js'`,
    /producer\/src\/steps may import .*, and nothing of http, live, observe: whoever hears/,
  ],
  [
    'apps/producer/src/steps/plan/shown.ts',
    `import type { Window } from '../../live/window.js'`,
    /producer\/src\/steps may import/,
  ],
  ['apps/producer/src/steps/asked.ts', `export * from 'fastify'`, /producer\/src\/steps may import/],
  ['apps/producer/src/batches/told.ts', `export * from '../steps/fine.js'`, /src\/batches may import/],
  ['apps/producer/src/http/watched.ts', `export * from '../observe/metrics.js'`, /src\/http may import/],
  [
    'apps/producer/page/file.ts',
    `import { readFileSync } from 'node:fs'`,
    /page may import .*runs in a browser/,
  ],
  ['apps/worker/src/client.ts', `import { Cohort } from '@cohort/client'`, /apps\/worker may import/],
  [
    'apps/worker/src/thread/log.ts',
    `import { openLog } from '@cohort/telemetry'`,
    /apps\/worker\/src\/thread may import .*: a compute thread only computes/,
  ],
  ['libs/telemetry/src/store.ts', `import { openStore } from '@cohort/store'`, /libs\/telemetry may import/],
  ['libs/cache/src/clock.ts', `import { nowMs } from '@cohort/telemetry/clock'`, /libs\/cache may import/],
  ['apps/cli/src/queue.ts', `import { openQueue } from '@cohort/queue'`, /apps\/cli may import/],
  ['apps/cli/src/sdk.ts', `import { openLog } from '@cohort/telemetry'`, /apps\/cli may import/],
  ['examples/inside.ts', `import { openStore } from '@cohort/store'`, /examples may import/],
  ['examples/nest/inside.ts', `import { Redis } from 'ioredis'`, /examples\/nest may import/],
  ['bench/inside.ts', `import { openStore } from '@cohort/store'`, /bench may import/],
  ['libs/worlds/src/now.ts', `export const now = () => Date.now()`, /Time is an argument/],
  ['libs/cache/src/draw.ts', `export const draw = () => Math.random()`, /Randomness is an argument/],
  ['apps/worker/src/hidden.ts', `export const url = process.env['REDIS_URL']`, /process\.env/],
  ['libs/store/src/loose.ts', `export const loose: any = 1`, /any/],
  ['libs/store/src/hushed.ts', `// @ts-ignore\nexport const hushed = 1`, /@ts-expect-error/],
  ['libs/store/src/chief.ts', `export default 1`, /named exports/],
  ['libs/store/src/one.ts', `import { two } from './two.js'\nexport const one = () => two`, /cycle/],
  ['libs/store/src/two.ts', `import { one } from './one.js'\nexport const two = () => one`, /cycle/],
  ['libs/store/src/three.ts', `import type { Four } from './four.js'\nexport type Three = Four[]`, /cycle/],
  ['libs/store/src/four.ts', `import type { Three } from './three.js'\nexport type Four = Three[]`, /cycle/],
]
/** What is allowed, so that a rule which refuses everything does not pass for one that works. */
const ALLOWED: readonly (readonly [path: string, text: string])[] = [
  ['libs/inference/src/fine.ts', `export { LEGS } from '@cohort/contracts'\nexport * from './model/fine.js'`],
  ['libs/inference/src/model/fine.ts', `export * from '../kernel/fine.js'`],
  ['libs/inference/src/kernel/fine.ts', `export const fine = 1`],
  ['libs/inference/src/fine.test.ts', `export * from 'node:test'\nexport * from 'fast-check'`],
  ['libs/store/src/fine.ts', `export * from 'ioredis'\nexport * from 'node:fs/promises'`],
  ['libs/contracts/src/fine.ts', `export * from 'typebox/compile'`],
  ['apps/worker/src/thread/fine.ts', `export * from '@cohort/telemetry/clock'`],
  ['apps/worker/src/fine.ts', `export * from '@cohort/telemetry'`],
  ['apps/cli/src/fine.ts', `export * from '@cohort/telemetry/settings'\nexport * from '@cohort/threads'`],
  [
    'apps/producer/src/observe/metrics.ts',
    `export * from '../steps/fine.js'\nexport * from '../http/fine.js'`,
  ],
  ['apps/producer/src/http/fine.ts', `export * from '../steps/fine.js'\nexport * from '@nestjs/common'`],
  ['apps/producer/src/steps/fine.ts', `export * from '../batches/fine.js'\nexport * from '../root.js'`],
  ['apps/producer/src/batches/fine.ts', `export const fine = 1`],
  ['apps/producer/src/root.ts', `export const root = 1`],
  ['apps/producer/src/fine.ts', `export * from '@nestjs/core'\nexport * from '@cohort/queue'`],
]

const folder = mkdtempSync(join(os.tmpdir(), 'cohort-lint-'))
after(() => rmSync(folder, { recursive: true }))

interface Diagnostic {
  readonly filename: string
  readonly message: string
  readonly help?: string
}

function lintPlanted(): Map<string, string> {
  copyFileSync(join(ROOT, 'oxlint.config.ts'), join(folder, 'oxlint.config.ts'))
  for (const [path, text] of [...PLANTS, ...ALLOWED]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), `${text}\n`)
  }
  const unused = ['--allow', 'no-unused-vars']
  const { output } = runTool('oxlint', ['--format', 'json', ...unused], folder)
  const said = new Map<string, string>()
  for (const { filename, message, help } of (JSON.parse(output) as { diagnostics: Diagnostic[] })
    .diagnostics) {
    said.set(filename, `${said.get(filename) ?? ''}${message} ${help ?? ''}\n`)
  }
  return said
}

test('a planted fault is found, and the sentence says why; what is allowed passes', () => {
  const said = lintPlanted()
  for (const [path, , expected] of PLANTS) assert.match(said.get(path) ?? 'nothing was said', expected, path)
  for (const [path] of ALLOWED) assert.equal(said.get(path), undefined, path)
})
