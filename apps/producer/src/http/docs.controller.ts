// The OpenAPI document; its page at /docs is a plugin of Fastify's, registered in server.ts.
import { readFileSync } from 'node:fs'
import { Controller, Get, Header } from '@nestjs/common'
import { openApiDocument } from './openapi.js'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

@Controller('openapi.json')
export class DocsController {
  readonly #text = JSON.stringify(openApiDocument(version))

  @Get()
  @Header('content-type', 'application/json')
  get(): string {
    return this.#text
  }
}
