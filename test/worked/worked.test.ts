// The worked examples behave as their page in docs/guides says, and it is what the code makes now.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { banditRuns, foundTheBetter, meanWins } from './bandit.js'
import { chains, isChain } from './chaining.js'
import { contrast, heat } from './draw/strip.js'
import { INK, PAPER } from './draw/svg.js'
import { workedPages } from './page.js'
import { tmazeCounts, tmazeRuns } from './tmaze.js'
import { arrived, walks } from './walls.js'

const ROOT = join(import.meta.dirname, '../../..')

test('T-maze: the cue first, then the arm that it told, in each of 100 worlds', () => {
  const { asItIs, withoutLiking } = tmazeRuns()
  for (const all of [asItIs, withoutLiking]) {
    const { cueFirst, thenTheArmTold, rewarded } = tmazeCounts(all)
    assert.deepEqual([cueFirst, thenTheArmTold], [100, 100])
    // The arm pays 98 times in 100: 94 or more of 100 in 99 of 100 such hundreds.
    assert.ok(rewarded >= 94, `${rewarded}`)
  }
})

test('T-maze: who does not weigh information and likes no place goes anywhere', () => {
  const { cueFirst, rewarded } = tmazeCounts(tmazeRuns().withoutInformation)
  assert.ok(cueFirst < 50 && rewarded < 94, `${cueFirst} ${rewarded}`)
})

test('two cues: each agent asks one after the other, then eats, and makes no step too many', () => {
  const { curious } = chains()
  assert.equal(curious.filter(isChain).length, 100)
  assert.ok(curious.every(({ shocked }) => !shocked))
  const worlds = new Set(curious.map(({ moments }) => moments[0]?.states.join()))
  assert.equal(worlds.size, 8, 'each place of cue and cheese was among them')
})

test('two cues: a belief becomes certain where it is told, and not before', () => {
  for (const { moments, first, second } of chains().curious)
    for (const [t, { beliefs, states }] of moments.entries()) {
      const [, cue = 0, cheese = 0] = states
      // Passing a place where the cue is not tells something, too.
      if (t < first) assert.ok((beliefs[1]?.[cue] ?? 0) < 0.5)
      if (t >= first) assert.ok((beliefs[1]?.[cue] ?? 0) > 0.999)
      if (t >= first && t < second) assert.ok(Math.abs((beliefs[2]?.[cheese] ?? 0) - 0.5) < 1e-6)
      if (t >= second) assert.ok((beliefs[2]?.[cheese] ?? 0) > 0.999)
    }
})

test('two cues: who does not weigh information never finds the cheese, since the shock may be there', () => {
  assert.ok(chains().blind.every(({ cheese, shocked }) => cheese === -1 && !shocked))
})

test('bandit: the curious find the better arm in 90 of 100 worlds and more, the plain in at most 80', () => {
  const { curious, plain } = banditRuns()
  const [ours = [], theirs = []] = [curious[1], plain[1]]
  assert.ok(foundTheBetter(ours) >= 90, `${foundTheBetter(ours)}`)
  assert.ok(foundTheBetter(theirs) <= 80, `${foundTheBetter(theirs)}`)
  assert.ok(meanWins(ours) > meanWins(theirs) + 1)
})

test('bandit: the less a win is worth the more find it; the plain do not mind', () => {
  const { curious, plain } = banditRuns()
  const found = curious.map(foundTheBetter)
  assert.ok(Math.min(...found.slice(0, 2)) > Math.max(...found.slice(2)), `${found.join(' ')}`)
  for (const all of plain) assert.deepEqual(all, plain[0])
})

test('walls: one step ahead is stuck, four too; told the goal each walks around, by a shortest way', () => {
  const { plain, fourAhead, withAGoal } = walks()
  assert.deepEqual([plain, fourAhead, withAGoal].map(arrived), [0, 0, 100])
  // Twelve moves around the wall, and one more for each that did not work.
  for (const { there, slips } of withAGoal) assert.equal(there - slips, 12)
  assert.ok(plain.every(({ cells }) => cells.at(-1) === 24))
})

test('the page, its tables, its models and its pictures are fresh (npm run docs writes them)', () => {
  for (const [path, text] of Object.entries(workedPages()))
    assert.equal(readFileSync(join(ROOT, path), 'utf8'), text, path)
})

test('what is written in the pictures has a contrast of 4.5 : 1 and more', () => {
  for (const color of Object.values(INK))
    for (const ground of [PAPER.card, PAPER.cell]) assert.ok(contrast(color, ground) >= 4.5, color)
  for (let percent = 0; percent <= 100; percent++) {
    const { fill, ink } = heat(percent)
    assert.ok(contrast(fill, ink) >= 4.5, `${percent} %`)
  }
})
