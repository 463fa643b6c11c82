// The page at /docs: Scalar's API reference, served from here alone, so that it works without a network.
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

export async function serveDocs(app: NestFastifyApplication): Promise<void> {
  await app.register(scalar, {
    routePrefix: '/docs',
    configuration: { ...OFFLINE, url: '/openapi.json', pageTitle: 'Cohort API' },
  })
}
