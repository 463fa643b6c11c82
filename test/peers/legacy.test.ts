// pymdp 1.x's NumPy code on random models of our own: the same numbers as ours, all of them but one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelOf, replayGolden, replaySteps, summary } from '@cohort/cli'
import { assertExplained } from './differences.js'
import type { Came } from './plain/check-run.js'
import { knowledgeOf } from './plain/knowledge.js'
import { settledF } from './plain/settled.js'
import { apart } from './plain/tensor.js'
import { kernelWays } from './plain/ways.js'
import { compareRun, folderOf, runsOf } from './runs.js'

const SETTLED = '17_mmp_structured_settled'

test('every field of every step agrees within the tolerances of golden files', async () => {
  const all = await replayGolden({ path: folderOf('legacy') })
  const { cases, failed, maxError, skipped } = summary(all.filter(({ file }) => file !== SETTLED))
  assert.deepEqual({ cases, failed, skipped }, { cases: 16, failed: 0, skipped: [] })
  assert.ok(maxError > 0 && maxError < 1e-14, String(maxError))
})

test('but F of settled message passing, where modalities depend on different factors', async () => {
  const { failures } = summary(await replayGolden({ path: folderOf('legacy'), only: [SETTLED] }))
  assert.ok(failures.length > 0 && failures.every(({ field }) => field.startsWith('F_pi')))
  const file = (await runsOf('legacy')).find(({ name }) => name === SETTLED) ?? assert.fail()
  const knowledge = knowledgeOf(modelOf(file))
  const steps = file.steps as unknown as readonly Came[]
  replaySteps(file).forEach(({ got, expected }, t) => {
    const [ours, theirs] = [got as unknown as Came, expected as unknown as Came]
    const seen = steps
      .slice(Math.max(0, t + 1 - file.config.inference_horizon), t + 1)
      .map((step) => step.observation)
    assert.ok(
      apart(ours.F_pi, settledF(knowledge, ours, seen, 'alike')) < 1e-12,
      'summed over those that depend alike',
    )
    assert.ok(apart(theirs.F_pi, settledF(knowledge, theirs, seen, 'all')) < 1e-12, 'summed over all')
    assert.ok(apart(ours.F_pi, theirs.F_pi) < 5.7)
  })
})

/** The plain formulae have no tree search, no settled message passing and no goals read the other way round. */
const WITHOUT_FORMULA = ['13_goal', '14_sophisticated', SETTLED]

test('the plain formulae by which other peers are explained give these numbers too', async () => {
  const runs = (await runsOf('legacy')).filter(({ name }) => !WITHOUT_FORMULA.includes(name))
  assert.equal(runs.length, 14)
  for (const run of runs) assertExplained(run.name, compareRun(run, { ours: kernelWays, theirs: kernelWays }))
})
