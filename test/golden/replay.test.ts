// The replay notices what is apart, skips what is not built, and says plainly what it cannot do.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, test } from 'node:test'
import { replayGolden, type ReplayReport, summary } from '@cohort/cli'

const DATA = fileURLToPath(new URL('../../golden/data', import.meta.url))
const CLI = fileURLToPath(new URL('../../../apps/cli/dist/main.js', import.meta.url))
const dir = await mkdtemp(join(tmpdir(), 'cohort-replay-'))
after(() => rm(dir, { recursive: true }))

type Nested = number | Nested[] | { [name: string]: Nested }

/** The first number in it, changed by a millionth (an integer by 1, towards 0 where it is not 0). */
function nudged(value: Nested): Nested {
  if (typeof value === 'number') return value + (Number.isInteger(value) ? (value > 0 ? -1 : 1) : 1e-6)
  if (Array.isArray(value)) return value.with(0, nudged(value[0] ?? 0))
  const [[name, inner] = ['', 0]] = Object.entries(value)
  return { ...value, [name]: nudged(inner) }
}

interface Golden {
  kind: string
  name: string
  model: Record<string, unknown>
  config: Record<string, unknown>
  steps: Record<string, Nested>[]
}

async function altered(
  change: (golden: Golden) => void,
  run = '04_tmaze_epistemic_len2',
): Promise<ReplayReport> {
  const golden = JSON.parse(await readFile(join(DATA, `${run}.json`), 'utf8')) as Golden
  change(golden)
  const path = join(dir, 'altered.json')
  await writeFile(path, JSON.stringify(golden))
  return summary(await replayGolden({ path }))
}

/** Between them they hold every field that a step can have. */
const RUNS = [
  '04_tmaze_epistemic_len2',
  '08_learn_pA_pB_pD_param_info_gain',
  '11_mmp_line5_h3_len2',
  '13_extra_inductive_grid9',
]

test('every field of a step is compared', async () => {
  for (const run of RUNS) {
    const { steps } = JSON.parse(await readFile(join(DATA, `${run}.json`), 'utf8')) as Golden
    for (const field of Object.keys(steps[0] ?? {}).filter((name) => name !== 'observation')) {
      const change = ({ steps: [first] }: Golden) =>
        void (first && (first[field] = nudged(first[field] ?? 0)))
      const { cases, failed, failures } = await altered(change, run)
      assert.deepEqual([cases, failed], [1, 1], `${run} ${field}`)
      const named = failures.filter(({ step }) => step === 0).map((failure) => failure.field.split(/[[.]/)[0])
      assert.deepEqual(named, [field])
    }
  }
})

test('each term of G is compared, and what can be reached from the goals', async () => {
  const terms: [run: string, term: string][] = []
  for (const run of RUNS) {
    const { steps } = JSON.parse(await readFile(join(DATA, `${run}.json`), 'utf8')) as Golden
    for (const term of Object.keys(steps[0]?.['G_terms'] ?? {})) terms.push([run, term])
  }
  for (const [run, term] of terms) {
    const { failures } = await altered(({ steps: [first] }) => {
      const all = first?.['G_terms'] as Record<string, Nested>
      all[term] = nudged(all[term] ?? 0)
    }, run)
    assert.ok(
      failures.some(({ field }) => field.startsWith(`G_terms.${term}`)),
      `${run} ${term}`,
    )
  }
  const reach = await altered(({ model }) => void (model['I'] = nudged(model['I'] as Nested)), RUNS[3])
  assert.deepEqual(
    reach.failures.map(({ step, field }) => [step, field]),
    [[null, 'I[0][0][0]']],
  )
})

test('an array of another length and a number that is missing are differences', async () => {
  const second = (field: string, change: (values: (Nested | null)[]) => unknown) =>
    altered(({ steps }) => void change(steps[1]?.[field] as Nested[]))
  const places = ({ failures }: ReplayReport) => failures.map(({ step, field }) => [step, field])
  assert.deepEqual(places(await second('G', (values) => values.pop())), [[1, 'G']])
  assert.deepEqual(places(await second('q_pi', (values) => (values[3] = null))), [[1, 'q_pi[3]']])
})

test('after a recorded action that we would not choose, the run goes on from it', async () => {
  const report = await altered(({ steps: [, second] }) => void (second && (second['action'] = [3, 0])))
  assert.ok(report.failures.some(({ step, field }) => step === 1 && field.startsWith('action')))
  assert.ok(report.failures.some(({ step, field }) => step === 2 && field.startsWith('prior')))
})

test('a model that we refuse is a failure that says why', async () => {
  const { failed, failures } = await altered(
    ({ model }) =>
      void (model['D'] = [
        [1, 0, 0],
        [0.5, 0.5],
      ]),
  )
  assert.equal(failed, 1)
  assert.match(String(failures[0]?.got), /D\[0\] axis 0/)
})

test('what cannot be compared is skipped with its reason and not counted', async () => {
  const changes: [(golden: Golden) => void, RegExp][] = [
    [({ config }) => void (config['action_selection'] = 'stochastic'), /drawn/],
    [({ config }) => void (config['inference_algo'] = 'BP'), /algorithm BP/],
    [({ config }) => void Object.assign(config, { inference_algo: 'MMP', use_BMA: false }), /no counterpart/],
    [({ steps: [first] }) => void (first && (first['surprise'] = 1)), /field surprise/],
    [(golden) => void (golden.kind = 'other'), /not a golden file/],
  ]
  for (const [change, reason] of changes) {
    const { files, cases, skipped } = await altered(change)
    assert.deepEqual([files, cases, skipped.length], [0, 0, 1])
    assert.match(skipped[0]?.reason ?? '', reason)
  }
})

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

const cohort = (...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [CLI, 'replay', ...args], (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })

test('the command prints one JSON object and exits 0 where all holds', async () => {
  const { code, out, err } = await cohort(DATA, '--json', '--only', 'fn_fpi,01_line5_noisy')
  const { kernel, files, cases, failed } = JSON.parse(out) as ReplayReport
  assert.deepEqual([code, err, kernel, files, cases, failed], [0, '', 'wasm', 2, 9, 0])
})

test('the command exits 1 where a case failed and where none ran, and names them', async () => {
  await altered(({ steps: [first] }) => void (first && (first['vfe'] = 99)))
  const failed = await cohort(join(dir, 'altered.json'))
  assert.deepEqual([failed.code, /step 0: vfe is .* expected 99/.test(failed.out)], [1, true])
  await altered(({ config }) => void (config['inference_algo'] = 'BP'))
  assert.equal((await cohort(join(dir, 'altered.json'), '--json')).code, 1)
})

test('the command refuses what it does not understand with exit code 2', async () => {
  await writeFile(join(dir, 'broken.json'), '{')
  const refused: [string[], RegExp][] = [
    [[], /one file or folder/],
    [[DATA, DATA], /one file or folder/],
    [[join(dir, 'nowhere')], /no file or folder/],
    [[import.meta.dirname], /there is no .json file in/],
    [[join(dir, 'broken.json')], /cannot be read as JSON/],
    [[DATA, '--only', 'fn_none'], /no golden file fn_none/],
    [[DATA, '--kernel', 'gpu'], /no kernel 'gpu'/],
    [[DATA, '--fast'], /--fast/],
  ]
  for (const [args, message] of refused) {
    const { code, out, err } = await cohort(...args)
    assert.deepEqual([code, out], [2, ''], args.join(' '))
    assert.match(err, message)
    assert.ok(!err.includes('    at '), 'no stack')
  }
})
