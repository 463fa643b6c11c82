// The page at /docs: Scalar's API reference, served from here alone, so that it works without a network.
import type { IncomingMessage } from 'node:http'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import scalar from '@scalar/fastify-api-reference'

/** Without these its page would load fonts, report its use and offer services of its maker's. */
const OFFLINE = {
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: 'never',
  hideClientButton: true,
  mcp: { disabled: true },
  agent: { disabled: true },
} as const

const PAGE = '/docs'

export async function serveDocs(app: NestFastifyApplication): Promise<void> {
  await app.register(scalar, {
    routePrefix: PAGE,
    // By its whole path: the page is the same with and without a slash at the end of its address.
    configuration: { ...OFFLINE, url: '/openapi.json', cdn: `${PAGE}/js/scalar.js`, pageTitle: 'Cohort API' },
  })
}

/** Scalar answers `/docs` with a redirection that has no body; so what is asked for is its page at once. */
export const docsUrl = ({ url = '/' }: IncomingMessage): string =>
  url === PAGE || url.startsWith(`${PAGE}?`) ? url.replace(PAGE, `${PAGE}/`) : url
