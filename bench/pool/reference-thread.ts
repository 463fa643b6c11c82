// A compute thread that steps every model one agent at a time, as the readable kernel does. Started by swarm.ts
import { makeScratch, mapModel, stepRows } from '@cohort/inference'
import { enterThread } from '@cohort/threads'
import type { Task, TaskResult, ThreadData } from '@cohort/worker/parts'

type Thread = ReturnType<typeof enterThread<ThreadData, Task, TaskResult>>

const nowMs = (): number => performance.timeOrigin + performance.now()

interface Known {
  readonly serial: number
  readonly buffer: ArrayBufferLike
  readonly model: ReturnType<typeof mapModel>
  readonly scratch: ReturnType<typeof makeScratch>
}

const entry: Thread = enterThread<ThreadData, Task, TaskResult>(({ memory }, { threadId, seat, cpu }) => {
  let known: Known | undefined
  return (task) => {
    if (task.kind !== 'compute') throw new TypeError(`a task of the kind ${task.kind}`)
    const startMs = nowMs()
    const {
      model: { serial, offset },
      segments,
      want,
      extras,
    } = task
    const { buffer } = memory
    if (known?.serial !== serial || known.buffer !== buffer) {
      const model = mapModel(buffer, offset)
      known = { serial, buffer, model, scratch: makeScratch(model) }
    }
    const mappedMs = nowMs()
    for (const { slot, rows, from, to } of segments)
      stepRows({ ...known, slot, rows, from, to, want, extras })
    const endMs = nowMs()
    const stepped = segments.reduce((sum, { from, to }) => sum + to - from, 0)
    return { kind: 'computed', times: { thread: { threadId, seat, cpu }, startMs, mappedMs, endMs, stepped } }
  }
})

export default entry
