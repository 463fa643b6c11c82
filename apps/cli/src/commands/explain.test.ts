// `cohort explain` refuses what it cannot read, and says which entry of which file or flag it is.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, test } from 'node:test'
import { CohortError } from '@cohort/contracts'
import { explain } from './explain.js'

const TMAZE = fileURLToPath(new URL('../../../../examples/models/tmaze.json', import.meta.url))
const dir = await mkdtemp(join(tmpdir(), 'cohort-explain-'))
after(() => rm(dir, { recursive: true }))

async function file(name: string, value: unknown): Promise<string> {
  await writeFile(join(dir, name), typeof value === 'string' ? value : JSON.stringify(value))
  return join(dir, name)
}

async function refused(args: readonly string[], message: RegExp): Promise<void> {
  await assert.rejects(explain(args), (error) => {
    assert(error instanceof CohortError)
    assert.equal(error.code, 'usage')
    const faults = error.errors.map((fault) => `; ${fault.path}: ${fault.message}`)
    assert.match(`${error.message}${faults.join('')}`, message)
    return true
  })
}

const SEEN = ['--observations', '0,0,0']

test('the model: a file, JSON, of the schema, and valid', async () => {
  const model = JSON.parse(await readFile(TMAZE, 'utf8')) as Record<string, unknown>
  await refused(SEEN, /takes one file of a model, got 0/)
  await refused([TMAZE, TMAZE, ...SEEN], /takes one file of a model, got 2/)
  await refused([join(dir, 'nowhere.json'), ...SEEN], /nowhere\.json cannot be read as JSON/)
  await refused([await file('a.json', '{'), ...SEEN], /a\.json cannot be read as JSON/)
  await refused([await file('b.json', []), ...SEEN], /b\.json is not a model/)
  await refused([await file('c.json', { ...model, Q: 1 }), ...SEEN], /c\.json is not a model; Q: /)
  const D = [
    [1, 0, 0, 0],
    [0.5, 0.4],
  ]
  await refused(
    [await file('d.json', { ...model, D }), ...SEEN],
    /d\.json is not a valid model; D\[1\]: sums to 0\.9/,
  )
  await refused([await file('e.json', { kind: 'agent' }), ...SEEN], /e\.json is not a model/)
  await refused([await file('f.json', { kind: 'function' }), ...SEEN], /of a function holds no agent/)
})

test('observations: as many as there are modalities, and outcomes of theirs', async () => {
  const see = (text: string, message: RegExp) => refused([TMAZE, '--observations', text], message)
  await refused([TMAZE], /--observations is missing/)
  await see('', /step 1 has 1 observation, the model has 3 modalities/)
  const one = await file('one.json', { A: [[[1]]], B: [[[[1]]]] })
  await refused([one, '--observations', '0,0'], /step 1 has 2 observations, the model has 1 modality$/)
  await refused([one, '--observations', '0.5/0.5'], /2 shares for 1 outcome$/)
  await see('0,0', /step 1 has 2 observations, the model has 3 modalities/)
  await see('0,0,0;0,3,0', /step 2, modality 1: outcome 3 is not one of 0 to 2/)
  await see('-,-1,0', /step 1, modality 1: '-1' is no outcome/)
  await see('0,0,left', /step 1, modality 2: 'left' is no outcome/)
  await see('0,0,0.5/0.6', /step 1, modality 2: '0\.5\/0\.6' sums to 1\.1/)
  await see('0,0,0.5/0.2/0.3', /3 shares for 2 outcomes/)
})

test('a distribution where message passing takes none', async () => {
  const model = JSON.parse(await readFile(TMAZE, 'utf8')) as { options: object }
  const options = { ...model.options, inference: 'messagePassing' }
  const path = await file('f.json', { ...model, options })
  await refused(
    [path, '--observations', '0,0,0.5/0.5'],
    /step 1, modality 2: message passing takes no distribution/,
  )
})

test('numbers within their bounds, names for what there is', async () => {
  const more = (flags: string[], message: RegExp) => refused([TMAZE, ...SEEN, ...flags], message)
  await more(['--top', '0'], /--top must be an integer from 1 to/)
  await more(['--agents-seed', '-1'], /--agents-seed must be an integer from 0 to/)
  await more(['--colour'], /--colour/)
  const names = async (value: unknown, message: RegExp) =>
    more(['--names', await file('names.json', value)], message)
  await names([], /names\.json does not name the parts of the model; : is no object/)
  await names({ action: [] }, /action: is not known/)
  await names({ factors: [{ name: 'x', states: [] }] }, /factors: has 1 entry, the model has 2 factors/)
  const outcomes = { modalities: [{ name: 'place', outcomes: ['a'] }, {}, {}] }
  await names(
    outcomes,
    /modalities\[0\]\.outcomes: has 1 text, the model has 4; modalities\[1\]\.name: is no text/,
  )
})

test('an observation may be missing first: -,0,0 is no flag', async () => {
  await refused([TMAZE, '--observations', '-,0,9'], /modality 2: outcome 9/)
  await refused([TMAZE, '--observations', '-;0'], /step 1 has 1 observation,/)
})
