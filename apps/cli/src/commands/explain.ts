// `cohort explain`: one agent's steps on the kernel, printed as a person reads them.
import { styleText } from 'node:util'
import { CohortError } from '@cohort/contracts'
import { explain as explainSteps, type Explanation } from '../explain/explained.js'
import { readAgent } from '../explain/model-file.js'
import { readNames } from '../explain/names.js'
import { parseObservations } from '../explain/observations.js'
import type { Page } from '../explain/page.js'
import { asciiLine, explanationLines } from '../explain/text.js'
import { integerFlag, parseFlagsAndWords } from '../flags.js'
import type { LoneAgent } from '../lone-agent/lone-agent.js'

const HELP = `cohort explain MODEL --observations 0,-,1;2,0,1 [flags] — what an agent makes of what it sees, and why

  MODEL is a JSON file: a model as PUT /v1/models takes it, or a golden agent file. Nothing else is started: the agent
  is a new one, which begins at D; no running agent is looked at. Steps count from 1.

  --observations TEXT  what it sees: steps apart by ;  modalities apart by ,  each an outcome's number or name,
                       - for nothing seen, or shares such as 0.2/0.8 for a distribution
  --names FILE         JSON: {factors: [{name, states: […]}], modalities: [{name, outcomes: […]}],
                       controls: [{name, actions: […]}]}
  --top N              plans and learned counts shown in each step   5
  --agents-seed N      seed of a population whose first agent it is  0
  --plain              no colours, ASCII alone but for names
  --json               one JSON object on standard output, nothing else there:
                       {names, policies, steps: [{step, observation, impossible, beliefs, vfe, iterations, planKept,
                       planStep, plans, action, margin, why, learned}]}

  npm run -s cohort -- explain examples/models/tmaze.json --names examples/models/tmaze.names.json \\
    --observations 'centre,nothing,-;cue,nothing,right;right arm,reward,-'`

const FLAGS = {
  observations: { type: 'string' },
  names: { type: 'string' },
  top: { type: 'string' },
  'agents-seed': { type: 'string' },
  plain: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/** Columns, in a terminal as in a file. */
const WIDTH = 80

/** Resolves with the exit code; throws `usage`. */
export async function explain(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseFlagsAndWords(args, FLAGS)
  if (values.help === true) {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  const [path, ...more] = positionals
  if (path === undefined || more.length > 0)
    throw new CohortError('usage', `explain takes one file of a model, got ${positionals.length}`)
  if (values.observations === undefined) throw new CohortError('usage', '--observations is missing')
  const top = integerFlag(values.top, { name: 'top', least: 1, most: 1000, otherwise: 5 })
  const most = Number.MAX_SAFE_INTEGER
  const seed = integerFlag(values['agents-seed'], { name: 'agents-seed', least: 0, most, otherwise: 0 })
  const agent = await readAgent(path, seed)
  const soft = agent.model.options.inference !== 'messagePassing'
  const names = await readNames(values.names, agent.model)
  const observations = parseObservations(values.observations, { modalities: names.modalities, soft })
  const explanation = explainSteps({ agent, names, observations })
  const text =
    values.json === true
      ? JSON.stringify(explanation)
      : read(explanation, { agent, top, plain: values.plain === true })
  process.stdout.write(`${text}\n`)
  return 0
}

interface Setting {
  readonly agent: LoneAgent
  readonly top: number
  readonly plain: boolean
}

/** `styleText` colours for a terminal alone. */
function read(explanation: Explanation, { agent: { model }, top, plain }: Setting): string {
  const page: Page = {
    names: explanation.names,
    model,
    width: WIDTH,
    top,
    paint: (style, text) => (plain ? text : styleText(style, text)),
  }
  const lines = explanationLines(explanation, page)
  return (plain ? lines.map(asciiLine) : lines).join('\n')
}
