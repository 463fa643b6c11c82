// The page of worked examples, its pictures and models as the code makes them now; `npm run docs` writes them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { twoArms } from './bandit.js'
import { chaining } from './chaining.js'
import { once } from './example.js'
import { modelFiles } from './files.js'
import { tmaze } from './tmaze.js'
import { walls } from './walls.js'

const ROOT = join(import.meta.dirname, '../../..')
const PAGE = 'docs/guides/worked-examples.md'
const MODELS = 'test/worked/models'

/** Path from the root → text, of the page, of each picture and of each model. */
export const workedPages = once((): Readonly<Record<string, string>> => {
  const examples = { tmaze: tmaze(), chaining: chaining(), bandit: twoArms(), walls: walls() }
  const pictures = Object.entries(examples).map(([name, { svg }]) => [`docs/images/worked-${name}.svg`, svg])
  const tables = Object.assign({}, ...Object.values(examples).map(({ tables: made }) => made)) as Tables
  const page = readFileSync(join(ROOT, PAGE), 'utf8')
  const drawn = Object.fromEntries(pictures) as Record<string, string>
  return { ...drawn, ...modelFiles(), [PAGE]: filled(page, tables) }
})

type Tables = Readonly<Record<string, string>>

/** What stands between `<!-- table NAME -->` or `<!-- model FILE -->` and `<!-- end -->` is made. */
function filled(page: string, tables: Tables): string {
  return page.replaceAll(/<!-- (table|model) (\S+) -->.*?<!-- end -->/gs, (_, kind: string, name: string) => {
    const made = kind === 'table' ? tables[name] : modelOf(name)
    if (made === undefined) throw new Error(`${PAGE}: there is no table ${name}`)
    return `<!-- ${kind} ${name} -->\n\n${made}\n\n<!-- end -->`
  })
}

/** A model's file without its first line and its imports. */
function modelOf(file: string): string {
  const lines = readFileSync(join(ROOT, MODELS, file), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
  const text = lines
    .filter((line) => !line.startsWith('import '))
    .join('\n')
    .trim()
  return `\`\`\`ts\n${text}\n\`\`\``
}
