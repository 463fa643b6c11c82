// A wall on the way: who only looks for a nearer cell is stuck, who knows what leads where walks around.
import { drawMap, drawMarks, drawWay, mapTitle } from './draw/map.js'
import { INK, picture, text } from './draw/svg.js'
import { countOf, once, table, type Worked } from './example.js'
import { behindAWall, GOAL, GRID, START, withAGoal } from './models/walls.js'
import { HUNDRED, play } from './play.js'

const STEPS = 40
/** The planner of four steps weighs 625 plans a step: ten agents do. */
const TEN = HUNDRED.slice(0, 10)

export interface Walk {
  /** [step] */
  readonly cells: readonly number[]
  /** The step in which it stood on the goal, or −1. */
  readonly there: number
  /** Steps in which it stayed where it was. */
  readonly slips: number
}

export const walks = once(() => ({
  plain: HUNDRED.map((seed) => walk(behindAWall(), seed)),
  fourAhead: TEN.map((seed) => walk(behindAWall({ policyLen: 4 }), seed)),
  withAGoal: HUNDRED.map((seed) => walk(withAGoal, seed)),
}))

function walk(agent: typeof withAGoal, seed: number): Walk {
  const moments = play({ agent, world: behindAWall(), begin: [START], steps: STEPS, seed, until: GOAL })
  const cells = moments.map(({ states }) => states[0] ?? 0)
  const there = cells.indexOf(GOAL)
  return { cells, there, slips: countOf([...cells.keys()], (t) => t > 0 && cells[t] === cells[t - 1]) }
}

export const arrived = (all: readonly Walk[]): number => countOf(all, ({ there }) => there > 0)

export const walls = once((): Worked => {
  const { plain, fourAhead, withAGoal: goal } = walks()
  const mean = goal.reduce((sum, { there }) => sum + there, 0) / goal.length
  return {
    svg: draw(plain[0]?.cells ?? [], goal[0]?.cells ?? []),
    tables: {
      walls: table(
        ['agents', 'plans weighed a step', 'at the goal within 40 steps', 'after steps, on average'],
        [
          ['one step ahead', 5, `${arrived(plain)} of ${plain.length}`, ''],
          ['four steps ahead (`policyLen: 4`)', 625, `${arrived(fourAhead)} of ${fourAhead.length}`, ''],
          ['one step ahead, told the goal (`H`)', 5, `${arrived(goal)} of ${goal.length}`, mean.toFixed(1)],
        ],
      ),
    },
  }
})

function draw(stuck: readonly number[], around: readonly number[]): string {
  const map = (x: number) => ({
    at: { x, y: 54 },
    grid: GRID,
    side: 44,
    marks: [
      { cell: START, label: 'start', fill: INK.dim },
      { cell: GOAL, label: 'goal', fill: INK.green },
    ],
  })
  const [left, right] = [map(28), map(364)]
  const last = around.length - 1
  return picture(
    414,
    'A grid with walls: one agent is stuck behind the wall, the other walks around it to the goal',
    [
      ...drawMap(left),
      ...drawWay(left, stuck, INK.orange),
      ...drawMarks(left),
      mapTitle(left, 'one step ahead: stuck'),
      ...drawMap(right),
      ...drawWay(right, around, INK.blue),
      ...drawMarks(right),
      mapTitle(right, 'told the goal: around the wall'),
      text({ x: 28, y: 390 }, `still there in step ${stuck.length - 1}`, { fill: INK.dim }),
      text({ x: 364, y: 390 }, `at the goal in step ${last}`, { fill: INK.dim }),
    ],
  )
}
