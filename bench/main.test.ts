// Promises of the command: its exit codes, and what goes to standard output.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url))

function bench(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('--list and --help answer on standard output', () => {
  const list = bench('--list')
  assert.deepEqual([list.status, list.stderr], [0, ''])
  const names = list.stdout.trimEnd().split('\n')
  assert.match(list.stdout, /^([a-z-]+\n)+$/)
  assert.match(bench('scaling', '--list').stdout, /^grid5-noisy\n/)
  for (const args of [['--help'], ...names.map((name) => [name, '--help'])]) {
    const { status, stdout, stderr } = bench(...args)
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /^npm run -s bench -- NAME/)
    for (const name of names) assert.match(stdout, new RegExp(`^  ${name} `, 'm'))
  }
})

test('what is not understood is told, with exit code 2 and nothing on standard output', () => {
  const misunderstood: readonly [args: string[], told: RegExp][] = [
    [[], /name a benchmark/],
    [['nonsense'], /there is no benchmark 'nonsense'/],
    [['toString'], /there is no benchmark 'toString'/],
    [['telemetry', '--case', 'nonsense'], /there is no case 'nonsense': batched, lone, unloaded/],
    [['telemetry', '--rounds', '0'], /--rounds must be an integer from 1/],
    [['telemetry', '--seconds', '0.01'], /--seconds must be a number from 0\.1/],
    [['telemetry', '--fast'], /--fast/],
  ]
  for (const [args, told] of misunderstood) {
    const { status, stdout, stderr } = bench(...args)
    assert.deepEqual([status, stdout], [2, ''], args.join(' '))
    assert.match(stderr, told)
  }
})
