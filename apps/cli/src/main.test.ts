// Promises of the command line: what is not understood is said, with exit code 2, and changes nothing.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url))
const PAGE = new URL('../../../docs/reference/commands.md', import.meta.url)

function cohort(...args: string[]) {
  const { PATH } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    env: { PATH },
  })
  return { status, stdout, stderr }
}

/** The commands, as `--help` lists them. */
function listed(): string[] {
  const { status, stdout } = cohort('--help')
  assert.equal(status, 0)
  return [...stdout.matchAll(/^ {2}(\w+) /gm)].map(([, name = '']) => name)
}

test('--help lists the commands, and each command explains itself', () => {
  assert(listed().includes('demo'))
  for (const name of listed()) {
    const help = cohort(name, '--help')
    assert.deepEqual([help.status, help.stderr], [0, ''])
    assert.match(help.stdout, new RegExp(name))
  }
})

test('docs/reference/commands.md has each command with its flags, and no other', () => {
  const flagsIn = (text: string) => [...new Set(text.match(/(?<![\w-])--[a-z]+/g))].toSorted()
  const [, ...sections] = readFileSync(PAGE, 'utf8').split(/^## /m)
  assert.deepEqual(
    sections.map((section) => section.split('\n')[0]),
    listed(),
  )
  for (const section of sections) {
    const name = section.split('\n')[0] ?? ''
    assert.deepEqual(flagsIn(section), flagsIn(cohort(name, '--help').stdout), name)
  }
})

test('an unknown command, an unknown flag and a value out of bounds exit with 2 and one message', () => {
  const refused: [string[], RegExp][] = [
    [
      ['dmeo'],
      /^cohort: there is no command 'dmeo'; did you mean 'demo'\?\nSee npm run -s cohort -- --help\n$/,
    ],
    [['constructor'], /^cohort: there is no command 'constructor'\nSee /],
    [
      ['demo', '--agnets', '3'],
      /^cohort: Unknown option '--agnets'; did you mean '--agents'\?\nSee npm run -s cohort -- demo --help\n$/,
    ],
    [['replay', '.', '--olny', 'x'], /^cohort: Unknown option '--olny'; did you mean '--only'\?\n/],
    [['up', '--x'], /^cohort: Unknown option '--x'\nSee /],
    [['demo', '--ticks', '0'], /^cohort: --ticks must be an integer from 1 to/],
    [['worker', 'extra'], /extra/],
  ]
  for (const [args, message] of refused) {
    const { status, stdout, stderr } = cohort(...args)
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(stderr, message)
  }
})

test('no command at all shows the help where errors go', () => {
  const { status, stdout, stderr } = cohort()
  assert.deepEqual([status, stdout], [2, ''])
  assert.match(stderr, /demo/)
})

test('a producer or a worker without REDIS_URL says what it needs and how to give it', () => {
  for (const app of ['producer', 'worker']) {
    const { status, stderr } = cohort(app)
    assert.equal(status, 2)
    assert.match(stderr, new RegExp(`REDIS_URL=redis://127.0.0.1:6379 npm run -s cohort -- ${app}`))
  }
})
