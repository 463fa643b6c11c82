// A thread that steps a block of its own, as often as it is told: what a core can do. Started by ../scaling.ts
import { enterThread } from '@cohort/threads'
import { BlockOfAgents } from '../steps/contender.js'
import { shapeOf } from '../steps/shapes.js'
import { AGENTS, streamOf } from '../steps/stream.js'

export interface KernelThreadData {
  /** The name of a shape. */
  readonly shape: string
}

export interface KernelTask {
  /** Passes through the stream; 0: the answers of those before are checked. */
  readonly times: number
}

type Thread = ReturnType<typeof enterThread<KernelThreadData, KernelTask, number>>

const entry: Thread = enterThread<KernelThreadData, KernelTask, number>(({ shape }) => {
  const block = new BlockOfAgents(streamOf(shapeOf(shape)), AGENTS, {})
  block.pass()
  block.check('kernel')
  return ({ times }) => {
    if (times === 0) {
      block.check('kernel')
      return 0
    }
    block.begin()
    for (let i = 0; i < times; i++) block.pass()
    return times
  }
})

export default entry
