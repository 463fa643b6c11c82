// A process that steps blocks of its own as messages tell it: what a thread is held against. Started by processes.ts
import { BlockOfAgents } from '../steps/contender.js'
import { shapeOf } from '../steps/shapes.js'
import { streamOf } from '../steps/stream.js'

/** `begin`: a block of so many agents; `step`: what they see; `rows`: what they came to. */
export type Message =
  | { readonly does: 'begin'; readonly block: number; readonly rows: number }
  | { readonly does: 'step'; readonly block: number; readonly seen: Int32Array }
  | { readonly does: 'rows'; readonly block: number }

export interface Reply {
  readonly block: number
  /** Actions of a step, or rows. */
  readonly bytes: Uint8Array
}

const [, , shape = ''] = process.argv
const stream = streamOf(shapeOf(shape))
const blocks = new Map<number, BlockOfAgents>()

process.on('message', (message: Message) => {
  const { block } = message
  if (message.does === 'begin' && !blocks.has(block))
    blocks.set(block, new BlockOfAgents(stream, message.rows, {}))
  const own = blocks.get(block)
  if (own === undefined) return
  if (message.does === 'begin') own.begin()
  const bytes = message.does === 'step' ? own.step(message.seen) : own.rows
  process.send?.({ block, bytes } satisfies Reply)
})
