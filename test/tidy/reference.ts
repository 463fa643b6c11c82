// The pages of docs/reference that are made from the code. `npm run docs` writes them; a test holds them fresh.
import { join } from 'node:path'
import { ERRORS, type ErrorCode } from '@cohort/contracts'
import { metricsPage } from './metrics-page.js'
import { modelPage } from './model-page.js'
import { ROOT } from './sources.js'

/** File name in docs/reference → its text. */
export const referencePages = async (): Promise<Readonly<Record<string, string>>> => ({
  'errors.md': errorsPage(),
  'http.md': httpPage(await routes()),
  'metrics.md': page(metricsPage()),
  'model.md': page(modelPage()),
})

const KINDS = {
  refused: 'the caller’s: the same call fails again',
  transient: 'try again later, after `Retry-After` where it is sent',
  bug: 'must not happen: the unit dies, the rest lives',
}

function errorsPage(): string {
  const kinds = Object.entries(KINDS).map(([kind, meaning]) => `- **${kind}**: ${meaning}.`)
  const rows = Object.entries(ERRORS).map(
    ([code, { status, kind, title, next }]) => `| \`${code}\` | ${status} | ${kind} | ${title} | ${next} |`,
  )
  return page([
    '# Errors',
    '',
    'Made from `libs/contracts/src/errors.ts` by `npm run docs`.',
    '',
    'An HTTP answer that is an error has the type `application/problem+json` (RFC 9457): `type`, `title`, `status`,',
    '`detail`, `code` (below), and `errors`, a list of `{path, message, got, expected}`, where fields are at fault.',
    'An agent’s own fault is no HTTP error: it is in the batch’s `errors`, and the other agents’ steps are applied.',
    '',
    ...kinds,
    '',
    '| code | status | kind | title | what to do |',
    '|---|---|---|---|---|',
    ...rows,
  ])
}

interface Route {
  readonly method: string
  readonly path: string
  readonly summary: string
  readonly description?: string
  readonly responses: Readonly<Record<string, { readonly description: string }>>
  readonly errors: readonly ErrorCode[]
}

/** The producer is an app and exports nothing: its built table is read where it lies. */
async function routes(): Promise<readonly Route[]> {
  const module: unknown = await import(join(ROOT, 'apps/producer/dist/http/routes.js'))
  return (module as { ROUTES: readonly Route[] }).ROUTES
}

const httpPage = (table: readonly Route[]): string =>
  page([
    '# HTTP API',
    '',
    'Made from `apps/producer/src/http/routes.ts` by `npm run docs`. Every field of every body is in the OpenAPI',
    'document: `GET /openapi.json`, or as a page at `/docs`; those of a model are in [model.md](model.md) too.',
    'What each error means is in [errors.md](errors.md).',
    ...table.flatMap(section),
  ])

const section = ({ method, path, summary, description, responses, errors }: Route): string[] => [
  '',
  `## ${method.toUpperCase()} ${path}`,
  '',
  `${summary}.${description ? ` ${description}` : ''}`,
  '',
  ...Object.entries(responses).map(([status, answer]) => `- ${status}: ${answer.description}`),
  ...(errors.length > 0 ? [`- errors: ${errors.map((code) => `\`${code}\``).join(', ')}`] : []),
]

const page = (lines: readonly string[]): string => `${lines.join('\n')}\n`
