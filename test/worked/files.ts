// The worked examples' models and names as JSON files for `cohort explain`; `npm run docs` writes them.
import { bandit } from './models/bandit.js'
import { BANDIT, TWO_CUES, WALLS } from './models/names.js'
import { twoCues } from './models/two-cues.js'
import { withAGoal } from './models/walls.js'

const FOLDER = 'examples/models'

/** Path from the root → text. */
export const modelFiles = (): Readonly<Record<string, string>> => ({
  [`${FOLDER}/bandit.json`]: jsonOf(bandit()),
  [`${FOLDER}/bandit.names.json`]: jsonOf(BANDIT),
  [`${FOLDER}/two-cues.json`]: jsonOf(twoCues()),
  [`${FOLDER}/two-cues.names.json`]: jsonOf(TWO_CUES),
  [`${FOLDER}/walls.json`]: jsonOf(withAGoal),
  [`${FOLDER}/walls.names.json`]: jsonOf(WALLS),
})

/** A matrix of more characters has a line a row. */
const LONG = 700

/** A line a field, and of arrays a line a matrix. */
function jsonOf(value: object): string {
  const fields = Object.entries(value).map(
    ([name, field]) => `  ${JSON.stringify(name)}: ${linesOf(field, '  ')}`,
  )
  return `{\n${fields.join(',\n')}\n}\n`
}

function linesOf(value: unknown, indent: string): string {
  const text = JSON.stringify(value)
  if (!Array.isArray(value) || axesOf(value) < (text.length > LONG ? 2 : 3)) return text
  const items = value.map((item) => `${indent}  ${linesOf(item, `${indent}  `)}`)
  return `[\n${items.join(',\n')}\n${indent}]`
}

const axesOf = (value: unknown): number => (Array.isArray(value) ? 1 + Math.max(0, ...value.map(axesOf)) : 0)
