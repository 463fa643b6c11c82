// Server-sent events as text: what a stream of them begins with, and each of them.

/** To a browser that loses the stream: come back after a second. */
export const STREAM_BEGIN = 'retry: 1000\n\n'

/** `head`: the line of its name or its number. JSON has no line break of its own. */
export const eventOf = (head: `event: ${string}` | `id: ${number}`, data: unknown): string =>
  `${head}\ndata: ${JSON.stringify(data)}\n\n`
