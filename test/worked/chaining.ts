// Two cues, one behind the other: the agent asks its way to the cheese, each time by the shortest way.
import { drawMap, drawMarks, drawWay, mapTitle } from './draw/map.js'
import { columnNumbers, strip } from './draw/strip.js'
import { INK, picture } from './draw/svg.js'
import { countOf, once, table, type Worked } from './example.js'
import { distance } from './models/cells.js'
import { CHEESE, FIRST_CUE, GRID, SECOND_CUE, START, twoCues } from './models/two-cues.js'
import { diceOf, HUNDRED, type Moment, play } from './play.js'

const STEPS = 16
/** Those that do not care to know stand still: twenty of them do. */
const TWENTY = HUNDRED.slice(0, 20)
/** Of the draws that hide the second cue and the cheese. */
const HIDE_CUE = 1000
const HIDE_CHEESE = 1001

export interface Chain {
  readonly moments: readonly Moment[]
  /** Steps in which it first stood on each; −1 where it never did. */
  readonly first: number
  readonly second: number
  readonly cheese: number
  readonly shocked: boolean
  /** Steps that the shortest way from cue to cue to cheese has. */
  readonly shortest: number
}

export const chains = once(() => ({ curious: runs(true, HUNDRED), blind: runs(false, TWENTY) }))

const runs = (useStatesInfoGain: boolean, seeds: readonly number[]): Chain[] => {
  const agent = twoCues({ useStatesInfoGain })
  return seeds.map((seed) => {
    const dice = diceOf(seed, 0)
    const [cue, cheese] = [Math.floor(4 * dice(HIDE_CUE)), Math.floor(2 * dice(HIDE_CHEESE))]
    const until = CHEESE[cheese] ?? 0
    const game = { agent, world: agent, begin: [START, cue, cheese], steps: STEPS, seed, until }
    return chainOf(play(game), SECOND_CUE[cue] ?? 0, until)
  })
}

function chainOf(moments: readonly Moment[], cue: number, cheese: number): Chain {
  const stood = (cell: number) => moments.findIndex(({ states }) => states[0] === cell)
  const way = [START, FIRST_CUE, cue, cheese]
  return {
    moments,
    first: stood(FIRST_CUE),
    second: stood(cue),
    cheese: stood(cheese),
    shocked: moments.some(({ observation }) => observation[3] === 2),
    shortest: way.slice(1).reduce((sum, cell, i) => sum + distance(GRID, way[i] ?? 0, cell), 0),
  }
}

/** It asked the first cue, then the second, then ate, and made no step too many. */
export const isChain = ({ first, second, cheese, shortest }: Chain): boolean =>
  0 < first && first < second && second < cheese && cheese === shortest

export const chaining = once((): Worked => {
  const { curious, blind } = chains()
  const row = (name: string, all: readonly Chain[]) => [
    name,
    all.length,
    countOf(all, isChain),
    countOf(all, ({ cheese }) => cheese > 0),
    countOf(all, ({ shocked }) => shocked),
  ]
  return {
    svg: draw(curious.find(isExample) ?? curious[0]),
    tables: {
      chaining: table(
        ['in 16 steps', 'agents', 'cue, cue, cheese by the shortest way', 'find the cheese', 'get a shock'],
        [row('as it is', curious), row('without information gain', blind)],
      ),
    },
  }
})

/** The one that is drawn: the cue below, the cheese above. */
const isExample = ({ moments: [first] }: Chain): boolean => first?.states[1] === 3 && first.states[2] === 0

function draw(chain: Chain | undefined): string {
  const moments = chain?.moments ?? []
  const [cue = 0, cheese = 0] = moments[0]?.states.slice(1) ?? []
  const map = {
    at: { x: 24, y: 52 },
    grid: GRID,
    side: 58,
    marks: [
      { cell: START, label: 'start', fill: INK.dim },
      { cell: FIRST_CUE, label: 'cue 1', fill: INK.orange },
      ...SECOND_CUE.map((cell, i) => ({
        cell,
        label: i === cue ? 'cue 2' : `cue 2?`,
        fill: i === cue ? INK.orange : INK.dim,
      })),
      ...CHEESE.map((cell, i) => ({
        cell,
        label: i === cheese ? 'cheese' : 'shock',
        fill: i === cheese ? INK.green : INK.red,
      })),
    ],
  }
  const width = 300 / moments.length
  const at = { x: 378, y: 70 }
  const cues = strip({
    at,
    title: 'believes cue 2 is in … (%)',
    rows: ['1st place', '2nd place', '3rd place', '4th place'],
    shares: moments.map(({ beliefs }) => beliefs[1] ?? []),
    width,
  })
  const cheeses = strip({
    at: { ...at, y: 212 },
    title: 'believes the cheese is … (%)',
    rows: ['above', 'below'],
    shares: moments.map(({ beliefs }) => beliefs[2] ?? []),
    width,
  })
  const told =
    'A grid: the agent goes to the first cue, which tells where the second is, then to that one, then to the cheese'
  return picture(364, told, [
    ...drawMap(map),
    mapTitle(map, 'its way, step by step'),
    ...drawWay(
      map,
      moments.map(({ states }) => states[0] ?? 0),
      INK.blue,
    ),
    ...drawMarks(map),
    ...cues,
    ...cheeses,
    ...columnNumbers({ x: at.x, y: 278 }, moments.length, width),
  ])
}
