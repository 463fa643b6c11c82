// Server-sent events: from pieces of text, cut anywhere, to the data of each event.

/** Comments, names, ids and all else but `data` are left out; so is an event that broke off. */
export async function* dataOf(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let data: string[] = []
  for await (const line of linesOf(pieces)) {
    if (line.startsWith('data:')) data.push(line.slice('data:'.length).replace(/^ /, ''))
    if (line !== '' || data.length === 0) continue
    yield data.join('\n')
    data = []
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
