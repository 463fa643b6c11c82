// doctor, area node: the Node that runs, against the one that package.json asks for.
import { readFileSync } from 'node:fs'
import type { Check } from './check.js'

export interface NodeFacts {
  readonly version: string
  /** `engines.node` of the project's package.json; undefined where that cannot be read. */
  readonly wanted: string | undefined
}

const MANIFEST = new URL('../../../../package.json', import.meta.url)

export function nodeFacts(): NodeFacts {
  const { version } = process
  try {
    const { engines } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { engines?: { node?: string } }
    return { version: version.slice(1), wanted: engines?.node }
  } catch {
    // An installation without the project's own package.json: the check says that it is missing.
    return { version: version.slice(1), wanted: undefined }
  }
}

export function nodeChecks({ version, wanted }: NodeFacts): Check[] {
  const check = { area: 'node', name: 'version' } as const
  if (wanted === undefined)
    return [{ ...check, status: 'note', found: version, why: 'there is no package.json that asks for one' }]
  if (isIn(version, wanted))
    return [{ ...check, status: 'ok', found: `${version}; package.json asks for ${wanted}` }]
  return [
    {
      ...check,
      status: 'fault',
      found: `${version}, but package.json asks for ${wanted}`,
      mend: 'Start it by `npm run -s cohort -- …`, which brings the Node that fits, or install that.',
    },
  ]
}

/** `>=26.0.0 <27`: the one form of range that our package.json uses. */
function isIn(version: string, range: string): boolean {
  const [, least = '', below = ''] = /^>=([\d.]+) <([\d.]+)$/.exec(range) ?? []
  const order = new Intl.Collator('en', { numeric: true })
  return order.compare(version, least) >= 0 && order.compare(version, below) < 0
}
