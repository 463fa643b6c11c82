// The two-armed bandit: who wants to know tries the other arm too, and finds the better one more often.
import { line, INK, PAPER, picture, rect, text } from './draw/svg.js'
import { countOf, once, table, type Worked } from './example.js'
import { bandit, machine } from './models/bandit.js'
import { HUNDRED, play } from './play.js'

const PULLS = 60
const LAST = 20
/** Of the last 20 pulls: what counts as having found the better arm. */
const MOST = 15
const WINS_ARE_WORTH = [0.125, 0.25, 0.5, 1]

export interface Played {
  /** [pull]: the arm, 1 being the better one. */
  readonly arms: readonly number[]
  readonly wins: number
}

export const banditRuns = once(() => ({
  curious: WINS_ARE_WORTH.map((win) => runs(true, win)),
  plain: WINS_ARE_WORTH.map((win) => runs(false, win)),
}))

const runs = (curious: boolean, win: number): Played[] =>
  HUNDRED.map((seed) => {
    const agent = bandit({ curious, win })
    // The first step sees nothing and pulls; each later one sees what its pull brought.
    const moments = play({ agent, world: machine, begin: [0], steps: PULLS + 1, seed, blindStart: true })
    const pulls = moments.slice(1)
    return {
      arms: pulls.map(({ states }) => states[0] ?? 0),
      wins: countOf(pulls, ({ observation }) => observation[0] === 1),
    }
  })

export const foundTheBetter = (all: readonly Played[]): number =>
  countOf(all, ({ arms }) => countOf(arms.slice(-LAST), (arm) => arm === 1) >= MOST)

export const meanWins = (all: readonly Played[]): number =>
  all.reduce((sum, { wins }) => sum + wins, 0) / all.length

/** The one that the model has: a win is worth a quarter. */
const SHOWN = 1

export const twoArms = once((): Worked => {
  const { curious, plain } = banditRuns()
  const rows = WINS_ARE_WORTH.map((win, i) => {
    const [ours = [], theirs = []] = [curious[i], plain[i]]
    return [
      `${win}`,
      foundTheBetter(ours),
      foundTheBetter(theirs),
      meanWins(ours).toFixed(1),
      meanWins(theirs).toFixed(1),
    ]
  })
  const head = ['a win is worth', 'curious: found it', 'plain: found it', 'curious: wins', 'plain: wins']
  return {
    svg: draw(curious[SHOWN] ?? [], plain[SHOWN] ?? []),
    tables: { bandit: table(head, rows) },
  }
})

const LEFT = 60
const WIDTH = 500
const step = WIDTH / PULLS

function draw(curious: readonly Played[], plain: readonly Played[]): string {
  const axis = [0, 50, 100].flatMap((percent) => [
    line(
      [
        { x: LEFT, y: heightOf(percent) },
        { x: LEFT + WIDTH, y: heightOf(percent) },
      ],
      PAPER.line,
      1,
    ),
    text({ x: LEFT - 8, y: heightOf(percent) + 4 }, `${percent}`, {
      anchor: 'end',
      looks: 's',
      fill: INK.dim,
    }),
  ])
  return picture(
    452,
    'Pull by pull, the share of agents that pull the better arm: the curious overtake the plain',
    [
      text({ x: LEFT, y: 28 }, 'of 100 agents, how many pull the better arm', { looks: 'b' }),
      ...axis,
      line(shares(plain), INK.orange, 2.5),
      line(shares(curious), INK.blue, 2.5),
      text({ x: 570, y: (shares(curious).at(-1)?.y ?? 0) + 5 }, 'curious', { fill: INK.blue, looks: 'b' }),
      text({ x: 570, y: (shares(plain).at(-1)?.y ?? 0) + 5 }, 'plain', { fill: INK.orange, looks: 'b' }),
      text({ x: LEFT, y: 212 }, 'the first 12 of them: filled where it is the better arm', { looks: 'b' }),
      ...choices(curious, 226, INK.blue),
      text({ x: 570, y: 276 }, 'curious', { fill: INK.blue, looks: 'b' }),
      ...choices(plain, 330, INK.orange),
      text({ x: 570, y: 380 }, 'plain', { fill: INK.orange, looks: 'b' }),
      text({ x: LEFT, y: 442 }, 'pull 1', { looks: 's', fill: INK.dim }),
      text({ x: LEFT + WIDTH, y: 442 }, `pull ${PULLS}`, { anchor: 'end', looks: 's', fill: INK.dim }),
    ],
  )
}

const heightOf = (percent: number): number => 178 - percent * 1.3

const shares = (all: readonly Played[]) =>
  Array.from({ length: PULLS }, (_, pull) => ({
    x: LEFT + (pull + 0.5) * step,
    y: heightOf((100 * countOf(all, ({ arms }) => arms[pull] === 1)) / all.length),
  }))

/** A line an agent; pulls of the same arm in a row are one box. */
const choices = (all: readonly Played[], top: number, color: string): string[] =>
  all.slice(0, 12).flatMap(({ arms }, row) => {
    const begins = [...arms.keys()].filter((pull) => pull === 0 || arms[pull] !== arms[pull - 1])
    return begins.map((pull, i) =>
      rect({
        x: LEFT + pull * step,
        y: top + row * 8,
        width: ((begins[i + 1] ?? PULLS) - pull) * step,
        height: 7,
        fill: arms[pull] === 1 ? color : PAPER.corridor,
      }),
    )
  })
