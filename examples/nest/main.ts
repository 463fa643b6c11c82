// A Nest service that steps agents through the SDK: POST /lamps/7 {"outcome": 0} answers with what agent 7 does.
// Run: node examples/dist/nest/main.js [http://127.0.0.1:3000] [PORT]
import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { Cohort } from '@cohort/client'
import { AgentsController } from './agents.controller.js'
import { Agents } from './agents.js'

const [url = 'http://127.0.0.1:3000', port = '3100'] = process.argv.slice(2)

@Module({
  controllers: [AgentsController],
  providers: [Agents, { provide: Cohort, useValue: new Cohort({ url }) }],
})
class AppModule {}

const options = { logger: ['error', 'warn'] as ('error' | 'warn')[] }
const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), options)
app.enableShutdownHooks()
await app.listen(Number(port))
console.log(`listening on ${await app.getUrl()}`)
