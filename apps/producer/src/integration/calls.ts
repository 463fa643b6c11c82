// For tests: calls of the HTTP API without the SDK, and the small model that they use.
import type { Batch, BatchEvent, Fault, Model, ModelInfo } from '@cohort/contracts'

export interface Reply<T = unknown> {
  readonly status: number
  readonly type: string
  readonly headers: Headers
  readonly body: T
}

export interface ProblemBody {
  readonly code: string
  readonly status: number
  readonly detail: string
  readonly errors?: readonly Fault[]
}

/** `body`: JSON where it is not a string. */
export async function call<T = unknown>(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply<T>> {
  const content = body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetch(url, {
    method,
    headers: { ...content, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const type = response.headers.get('content-type') ?? ''
  return {
    status: response.status,
    type,
    headers: response.headers,
    body: (type.includes('json') ? JSON.parse(text) : text) as T,
  }
}

/** Two states and what they look like, two actions: stay and swap. `A` may be spoilt by a test. */
export const aModel = (): Model => ({
  A: [
    [
      [0.9, 0.1],
      [0.1, 0.9],
    ],
  ],
  B: [
    [
      [
        [1, 0],
        [0, 1],
      ],
      [
        [0, 1],
        [1, 0],
      ],
    ],
  ],
  C: [[0, 1]],
  D: [[0.5, 0.5]],
})

export async function putModel(url: string): Promise<string> {
  const { status, body } = await call<{ modelId: string }>('PUT', `${url}/v1/models`, aModel())
  if (status >= 300) throw new Error(JSON.stringify(body))
  return body.modelId
}

export async function populationOf(url: string, id: string, model: Model, count = 1): Promise<ModelInfo> {
  const { status, body } = await call<ModelInfo>('PUT', `${url}/v1/models`, model)
  if (status >= 300) throw new Error(JSON.stringify(body))
  const made = await call('POST', `${url}/v1/populations`, { id, modelId: body.modelId, count })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return body
}

export async function makePopulation(url: string, id: string, count: number): Promise<void> {
  const modelId = await putModel(url)
  const { status, body } = await call('POST', `${url}/v1/populations`, { id, modelId, count })
  if (status !== 201) throw new Error(JSON.stringify(body))
}

export const postSteps = <T = Batch>(
  url: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Reply<T>> => call<T>('POST', `${url}/v1/steps`, body, headers)

/** Asks again until the batch has ended. */
export async function readEnded(url: string, batchId: string): Promise<Batch> {
  for (;;) {
    const { body } = await call<Batch>('GET', `${url}/v1/batches/${batchId}`)
    if (body.status !== 'queued' && body.status !== 'active') return body
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** As a reader of the stream hears them, until it ends. */
export async function* eventsOf(
  url: string,
  batchId: string,
  signal?: AbortSignal,
): AsyncGenerator<BatchEvent, void, undefined> {
  const init = signal === undefined ? {} : { signal }
  const { status, headers, body } = await fetch(`${url}/v1/batches/${batchId}/events`, init)
  if (status !== 200 || !headers.get('content-type')?.startsWith('text/event-stream') || body === null)
    throw new Error(`not a stream: ${status}`)
  let text = ''
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    const events = (text + piece).split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) {
      const data = /^event: (\w+)\ndata: (.*)$/.exec(event)
      if (data !== null) yield JSON.parse(data[2] ?? '') as BatchEvent
    }
  }
}
