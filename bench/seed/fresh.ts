// A process that starts with nothing, steps a swarm once through its stream and says so. Started by: swarms.ts
import { DEFAULT_LIMITS } from '@cohort/contracts'
import { describeModel, validateModel } from '@cohort/inference'
import { allowedCpus } from '@cohort/threads'
import { Swarm } from '../pool/swarm.js'
import type { Stream } from '../steps/stream.js'

export interface Order extends Pick<Stream, 'model' | 'initialRows' | 'observations' | 'rows'> {
  readonly agents: number
  readonly threads: number
}

process.once('message', async ({ model, agents, threads, ...seen }: Order) => {
  const valid = validateModel(model, DEFAULT_LIMITS)
  const stream = { ...seen, valid, info: describeModel(valid) }
  // Its start is the threads', the compile, one pass, and a look at all that it came to.
  const swarm = await Swarm.start({ stream, agents, threads, cpus: allowedCpus() })
  process.send?.('done')
  await swarm.stop()
  process.disconnect?.()
})
