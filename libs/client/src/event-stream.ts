// Server-sent events: from pieces of text, cut anywhere, to the data of each event.

/**
 * Comments, names, ids and all else but `data` are left out; so is an event that broke off. A producer writes the data
 * as one line: where there are more, the last one counts, and before it is what was sent of an event that it cut.
 */
export async function* dataOf(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let data: string | undefined
  for await (const line of linesOf(pieces)) {
    if (line.startsWith('data:')) data = line.slice('data:'.length).replace(/^ /, '')
    if (line !== '' || data === undefined) continue
    yield data
    data = undefined
  }
}

/** Each piece is searched once: a line of megabytes comes in hundreds of them. What follows the last break is left. */
async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let begun: string[] = []
  for await (const piece of pieces) {
    const [rest = '', ...lines] = piece.split('\n')
    begun.push(rest)
    for (const next of lines) {
      yield begun.join('').replace(/\r$/, '')
      begun = [next]
    }
  }
}
