// The main job, as a newcomer runs it: the demo as a process, its figures, and that it leaves nothing behind.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { alive, fileOf } from '../support/processes.js'
import { until } from '../support/until.js'

const cli = fileOf('apps/cli/dist/main.js')

test('300 agents find their goals; every step is applied exactly once', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    cli,
    'demo',
    '--agents',
    '300',
    '--ticks',
    '30',
    '--json',
  ])
  const figures = JSON.parse(stdout) as Record<string, number>
  assert.equal(figures['stepsSent'], 300 * 30)
  assert.equal(figures['stepsApplied'], 300 * 30)
  assert.equal(figures['lost'], 0)
  assert.equal(figures['duplicated'], 0)
  assert.equal(figures['workers'], 2)
  assert.ok(Number(figures['atGoal']) >= 0.95, `at goal: ${figures['atGoal']}`)
  assert.ok(Number(figures['atGoalRandomWalk']) < Number(figures['atGoal']))
})

test(
  'a demo that is killed with -9 leaves no process behind',
  { skip: process.platform !== 'linux' },
  async () => {
    const demo = spawn(process.execPath, [cli, 'demo', '--agents', '300', '--ticks', '5000', '--json'], {
      stdio: 'ignore',
    })
    const family = await until('its processes run', async () => {
      const pids = await descendants(demo.pid ?? 0)
      return pids.length >= 4 && pids
    })
    demo.kill('SIGKILL')
    await once(demo, 'exit')
    // A worker whose Redis is gone as well drains until its deadline, 12 seconds.
    const isOver = async () => (await Promise.all(family.map(alive))).every((lives) => !lives)
    await until('all have gone', isOver, 60_000)
  },
)

/** Redis, its supervisor, the producer and the workers: all that descend from a process. */
async function descendants(root: number): Promise<number[]> {
  const parents = new Map<number, number>()
  for (const entry of await readdir('/proc')) {
    const stat = /^\d+$/.test(entry) ? await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '') : ''
    const parent = /\) \S (\d+)/.exec(stat)?.[1]
    if (parent !== undefined) parents.set(Number(entry), Number(parent))
  }
  const under = (pid: number): boolean => pid === root || (parents.has(pid) && under(parents.get(pid) ?? 0))
  return [...parents.keys()].filter((pid) => pid !== root && under(pid))
}
