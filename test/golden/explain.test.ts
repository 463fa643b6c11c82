// `cohort explain` shows the kernel's own numbers, in words that fit a terminal, and refuses what it cannot read.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'

const fileOf = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const GOLDEN = fileOf('test/golden/data/04_tmaze_epistemic_len2.json')
const TMAZE = fileOf('examples/models/tmaze.json')
const NAMES = ['--names', fileOf('examples/models/tmaze.names.json')]
const CUE_FIRST = ['--observations', 'centre,nothing,-;cue,nothing,right;right arm,reward,-']

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

const explain = (...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [fileOf('apps/cli/dist/main.js'), 'explain', ...args], (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })

async function explained(...args: string[]): Promise<Explained[]> {
  const { code, out, err } = await explain(...args, '--json')
  assert.deepEqual([code, err], [0, ''])
  return (JSON.parse(out) as { steps: Explained[] }).steps
}

interface Explained {
  beliefs: { prior: number[]; posterior: number[] }[]
  vfe: number
  iterations: number
  plans: { G: number; parts: Record<string, number>; probability: number; pruned: boolean }[]
  action: number[]
  margin: number[]
  why: { decider: string; lead: number; best: number; rival: number; byFirstStep: boolean }
}

interface GoldenStep {
  observation: number[]
  prior: number[][]
  qs: number[][]
  vfe: number
  n_iter: number
  G: number[]
  q_pi: number[]
  G_terms: { utility: number[]; states_info_gain: number[] }
  action: number[]
  action_margin: number
}

const golden = JSON.parse(await readFile(GOLDEN, 'utf8')) as { steps: GoldenStep[] }
const seen = (steps: readonly GoldenStep[]) => steps.map(({ observation }) => observation.join(',')).join(';')

function near(got: unknown, expected: unknown): void {
  const [ours, theirs] = [[got], [expected]].map((value) => value.flat(9) as number[])
  assert.equal(ours?.length, theirs?.length)
  ours?.forEach((value, i) => assert.ok(Math.abs(value - (theirs?.[i] ?? Number.NaN)) < 1e-9, `${value}`))
}

test('--json holds the numbers of a golden run, step by step', async () => {
  const steps = await explained(GOLDEN, '--observations', seen(golden.steps))
  assert.equal(steps.length, golden.steps.length)
  for (const [i, expected] of golden.steps.entries()) {
    const { beliefs, vfe, iterations, plans, action, margin } = steps[i] ?? assert.fail()
    near(
      beliefs.map(({ prior }) => prior),
      expected.prior,
    )
    near(
      beliefs.map(({ posterior }) => posterior),
      expected.qs,
    )
    near([vfe, iterations, Math.min(...margin)], [expected.vfe, expected.n_iter, expected.action_margin])
    near(
      plans.map(({ G }) => G),
      expected.G,
    )
    near(
      plans.map(({ probability }) => probability),
      expected.q_pi,
    )
    near(
      plans.map(({ parts }) => parts['utility']),
      expected.G_terms.utility,
    )
    near(
      plans.map(({ parts }) => parts['statesInfoGain']),
      expected.G_terms.states_info_gain,
    )
    assert.deepEqual(action, expected.action)
  }
})

test('the T-maze of the examples is that of the golden file without its habits', async () => {
  const [ours] = await explained(TMAZE, ...NAMES, '--observations', seen(golden.steps.slice(0, 1)))
  near(
    ours?.plans.map(({ G }) => G),
    golden.steps[0]?.G,
  )
})

test('why: the cue to know more, then the arm for what it prefers; the lead is the ratio of chances', async () => {
  const steps = await explained(TMAZE, ...NAMES, ...CUE_FIRST)
  assert.deepEqual(
    steps.map(({ action, why }) => [action[0], why.decider]),
    [
      [3, 'explores'],
      [2, 'exploits'],
      [2, 'exploits'],
    ],
  )
  for (const { plans, why } of steps.slice(0, 1))
    near(why.lead, Math.log((plans[why.best]?.probability ?? 0) / (plans[why.rival]?.probability ?? 0)))
})

test('the text names what was seen, believed, weighed and done, in 80 columns without colours', async () => {
  const { code, out, err } = await explain(TMAZE, ...NAMES, ...CUE_FIRST, '--top', '3')
  assert.deepEqual([code, err], [0, ''])
  for (const line of [
    /^The agent has beliefs about place \(one of 4\), /m,
    /^── step 1 ─/m,
    /^Chance is how likely it takes the plan: only differences of G count\.$/m,
    /^saw       place: cue · reward: nothing · cue: right$/m,
    /^ {4}left arm +50\.0 % █{8}·{8} {2}→ +0\.0 % ·{16}$/m,
    /^surprise {2}at most 0\.69 nats \(its free energy, after 3 sweeps\)$/m,
    /^plans {5}best 3 of 16 +chance +G preference +information$/m,
    /^ 1 {2}cue → cue +57\.1 % +−8\.86 +−10\.24 +│ +1\.39 +│██$/m,
    /^does {6}go to cue \(62\.4 percentage points ahead of the next\)$/m,
    /^because {3}it explores: /m,
    /^because {3}it exploits: /m,
  ])
    assert.match(out, line)
  assert.equal(out.match(/^ 3 {2}/gm)?.length, 3)
  assert.doesNotMatch(out, /^ 4 {2}/m)
  for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
  assert.ok(!out.includes('\u001B'), 'a colour, and no terminal')
})

test('a search: the reason is never that a rival was not looked at further', async () => {
  const model = JSON.parse(await readFile(TMAZE, 'utf8')) as object
  const dir = await mkdtemp(join(tmpdir(), 'cohort-explain-'))
  const path = join(dir, 'search.json')
  await writeFile(path, JSON.stringify({ ...model, options: { planning: 'sophisticated', horizon: 2 } }))
  const args = [path, ...NAMES, '--observations', '0,0,-;cue,nothing,0.2/0.8']
  const [{ out }, steps] = await Promise.all([explain(...args), explained(...args)])
  await rm(dir, { recursive: true })
  const { plans, why } = steps[1] ?? assert.fail()
  assert.deepEqual([why.decider, why.byFirstStep, why.rival], ['exploits', true, 3])
  assert.deepEqual(
    plans.map(({ parts, pruned }) => [parts['notLookedAt'], pruned]),
    [
      [-512, true],
      [-512, true],
      [0, false],
      [-512, true],
    ],
  )
  for (const { G, parts } of plans)
    near(
      Object.values(parts).reduce((sum, part) => sum + part, 0),
      G,
    )
  assert.match(out, /^ 2 {2}cue +0\.0 % −516\.62 .* −512\.00\*\n 3 {2}centre .*\n 4 {2}left arm /m)
  assert.match(out, /^ \* {2}not looked at further/m)
  assert.match(out, /│█.*\n 2 {2}left arm .*▐│/, 'bars are of those that were looked at')
  for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
})

test('a fault of a model is told once, with what was expected', async () => {
  const model = JSON.parse(await readFile(TMAZE, 'utf8')) as object
  const dir = await mkdtemp(join(tmpdir(), 'cohort-explain-'))
  const path = join(dir, 'faulty.json')
  await writeFile(
    path,
    JSON.stringify({
      ...model,
      D: [
        [1, 0, 0, 0],
        [0.5, 0.4],
      ],
    }),
  )
  const { code, err } = await explain(path, '--observations', '0,0,-')
  await rm(dir, { recursive: true })
  assert.equal(code, 2)
  assert.match(
    err,
    /faulty\.json is not a valid model\n {2}D\[1\] sums to 0\.9, expected 1 [^\n]+\nSee [^\n]+\n$/,
  )
})

test('--plain is ASCII alone where the names are', async () => {
  const { out } = await explain(TMAZE, ...NAMES, ...CUE_FIRST, '--plain')
  assert.match(out, /^[\n -~]+$/)
})

test('what it cannot read is refused with exit code 2 and one message', async () => {
  const { code, out, err } = await explain(TMAZE, '--observations', '0,0,0;0,3,0')
  assert.deepEqual([code, out], [2, ''])
  assert.match(
    err,
    /^cohort: --observations: step 2, modality 1: outcome 3 is not one of 0 to 2\nSee [^\n]+\n$/,
  )
})
