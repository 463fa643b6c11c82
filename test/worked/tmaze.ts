// The T-maze of examples/models: a cue tells where the reward is. First to the cue, then to the arm.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Model } from '@cohort/contracts'
import { badge, INK, line, PAPER, picture, type Point, text } from './draw/svg.js'
import { columnNumbers, strip } from './draw/strip.js'
import { countOf, once, table, type Worked } from './example.js'
import { diceOf, HUNDRED, type Moment, play } from './play.js'

const ROOT = join(import.meta.dirname, '../../..')
const model = JSON.parse(readFileSync(join(ROOT, 'examples/models/tmaze.json'), 'utf8')) as Model
const [CENTRE, LEFT, RIGHT, CUE] = [0, 1, 2, 3]
const PLACES = ['centre', 'left arm', 'right arm', 'cue']
const STEPS = 4
/** Of the draw that puts the reward somewhere. */
const REWARD = 1000

/** The model likes the cue's place by a thousandth of a nat. Without that only the cue draws an agent there. */
const indifferent: Model = { ...model, C: [[0, 0, 0, 0], ...(model.C ?? []).slice(1)] }
const blind: Model = { ...indifferent, options: { ...indifferent.options, useStatesInfoGain: false } }

export interface TmazeCounts {
  readonly cueFirst: number
  readonly thenTheArmTold: number
  readonly rewarded: number
}

export const tmazeRuns = once(() => {
  const [asItIs, withoutLiking, withoutInformation] = [model, indifferent, blind].map(runs)
  return {
    asItIs: asItIs ?? [],
    withoutLiking: withoutLiking ?? [],
    withoutInformation: withoutInformation ?? [],
  }
})

const runs = (agent: Model): (readonly Moment[])[] =>
  HUNDRED.map((seed) => {
    const side = diceOf(seed, 0)(REWARD) < 0.5 ? 0 : 1
    return play({ agent, world: model, begin: [CENTRE ?? 0, side], steps: STEPS, seed })
  })

export const tmazeCounts = (all: readonly (readonly Moment[])[]): TmazeCounts => ({
  cueFirst: countOf(all, ([, second]) => second?.states[0] === CUE),
  thenTheArmTold: countOf(all, ([, second, third]) => {
    const told = second?.states[0] === CUE ? (second?.observation[2] === 0 ? LEFT : RIGHT) : undefined
    return third?.states[0] === told
  }),
  rewarded: countOf(all, ([, , third]) => third?.observation[1] === 1),
})

export const tmaze = once((): Worked => {
  const { asItIs, withoutLiking, withoutInformation } = tmazeRuns()
  const rows = [
    ['as it is', asItIs],
    ['liking no place', withoutLiking],
    ['liking no place, without information gain', withoutInformation],
  ] as const
  return {
    svg: draw(asItIs.find(([first]) => first?.states[1] === 1) ?? []),
    tables: {
      tmaze: table(
        ['of 100 agents', 'go to the cue first', 'then to the arm that it told', 'have the reward in step 2'],
        rows.map(([name, all]) => [name, ...Object.values(tmazeCounts(all))]),
      ),
      'tmaze-plans': table(['first to the …', 'preference', 'information', 'G'], firstMoves(asItIs[0]?.[0])),
    },
  }
})

/** Of the plans that begin with each move, the best. 16 plans of two steps: four begin with each. */
function firstMoves(first: Moment | undefined): (string | number)[][] {
  const { G = [], terms } = first ?? {}
  return PLACES.map((place, move) => {
    const plans = [0, 1, 2, 3].map((then) => 4 * move + then)
    const best = plans.reduce((one, other) => ((G[other] ?? 0) > (G[one] ?? 0) ? other : one))
    const parts = [terms?.utility[best], terms?.statesInfoGain[best], G[best]]
    return [
      place,
      ...parts.map((part = 0) => (Math.abs(part) < 0.005 ? 0 : part).toFixed(2).replace('-', '−')),
    ]
  })
}

const AT: Readonly<Record<number, Point>> = {
  0: { x: 160, y: 100 },
  1: { x: 65, y: 100 },
  2: { x: 255, y: 100 },
  3: { x: 160, y: 245 },
}
const at = (place = 0): Point => AT[place] ?? { x: 0, y: 0 }

function draw(moments: readonly Moment[]): string {
  const ways = moments.map(({ states }) => states[0] ?? 0)
  const corridors = [
    line([at(LEFT), at(RIGHT)], PAPER.corridor, 56),
    line([at(CENTRE), at(CUE)], PAPER.corridor, 56),
  ]
  const path = [at(ways[0]), at(ways[1]), { x: 172, y: 245 }, { x: 172, y: 106 }, { x: 255, y: 106 }]
  const badges = ways.slice(0, 3).map((place, t) => badge({ ...at(place), x: at(place).x }, `${t}`, INK.blue))
  const labels = [
    text({ x: 160, y: 62 }, 'centre', { anchor: 'middle', fill: INK.dim }),
    text({ x: 65, y: 62 }, 'left arm', { anchor: 'middle', fill: INK.dim }),
    text({ x: 255, y: 62 }, 'right arm', { anchor: 'middle', fill: INK.dim }),
    text({ x: 255, y: 148 }, 'reward', { anchor: 'middle', fill: INK.green, looks: 'b' }),
    text({ x: 65, y: 148 }, 'pain', { anchor: 'middle', fill: INK.red, looks: 'b' }),
    text({ x: 160, y: 295 }, 'cue', { anchor: 'middle', fill: INK.dim }),
  ]
  const beliefs = strip({
    at: { x: 420, y: 58 },
    title: 'believes the reward is in … (%)',
    rows: ['left arm', 'right arm'],
    shares: moments.map((moment) => moment.beliefs[1] ?? []),
    width: 56,
  })
  const next = strip({
    at: { x: 420, y: 152 },
    title: 'goes next to … (%)',
    rows: PLACES,
    shares: moments.map(({ marginals }) => marginals[0] ?? []),
    width: 56,
  })
  return picture(320, 'A T-maze: the agent goes to the cue first, then to the arm that the cue told', [
    ...corridors,
    line(path, INK.blue, 3),
    ...badges,
    ...labels,
    ...beliefs,
    ...next,
    ...columnNumbers({ x: 420, y: 268 }, moments.length, 56),
  ])
}
