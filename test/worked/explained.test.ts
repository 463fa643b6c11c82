// The commands on the worked examples' page run as they stand, and what they print is the example's story.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../../..')
const page = readFileSync(join(ROOT, 'docs/guides/worked-examples.md'), 'utf8')
const COMMAND = /^npm run -s cohort -- (explain examples\/models\/(\S+)\.json .*)$/gm

/** Model → what `explain` is told, as a shell takes it apart. */
const commands = new Map(
  [...page.replaceAll('\\\n', '').matchAll(COMMAND)].map(([, line = '', model = '']) => [
    model,
    [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? ''),
  ]),
)

/** What it does and why, step by step. */
const STORIES: Readonly<Record<string, readonly string[]>> = {
  tmaze: ['cue: explores', 'right arm: exploits', 'right arm: exploits'],
  'two-cues': ['down: explores', 'down: explores', 'down: together'],
  bandit: ['first: tie', 'first: tie', 'first: exploits', 'second: explores'],
  walls: ['right: exploits', 'right: exploits', 'right: exploits', 'up: headsForGoal'],
}

interface Explained {
  readonly names: { readonly controls: readonly { readonly values: readonly string[] }[] }
  readonly steps: readonly {
    readonly action: readonly number[]
    readonly why: { readonly decider: string }
  }[]
}

test('each example has a command that explains its steps', () => {
  assert.deepEqual([...commands.keys()].toSorted(), Object.keys(STORIES).toSorted())
})

for (const [model, args] of commands) {
  test(`what explain says of ${model} is its story`, async () => {
    const program = join(ROOT, 'apps/cli/dist/main.js')
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args, '--json'], {
      cwd: ROOT,
    })
    const { names, steps } = JSON.parse(stdout) as Explained
    const told = steps.map(
      ({ action, why }) => `${names.controls[0]?.values[action[0] ?? 0]}: ${why.decider}`,
    )
    assert.deepEqual(told, STORIES[model])
  })
}
