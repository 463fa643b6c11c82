// Counts the tests of a run from node:test's events: leaves only, so that a suite with three tests counts three.

export interface TestEvent {
  readonly type: string
  readonly data: {
    readonly name?: string
    readonly nesting?: number
    readonly file?: string
    readonly skip?: string | boolean
    readonly todo?: string | boolean
    readonly details?: { readonly type?: string; readonly error?: { readonly failureType?: string } }
  }
}

export class Tally {
  passed = 0
  failed = 0
  readonly #skipped: string[] = []
  readonly #faults: string[] = []
  /** For each file, the results seen at each depth since the last result one level up. */
  readonly #seen = new Map<string, number[]>()

  add({ type, data }: TestEvent): void {
    if (type !== 'test:pass' && type !== 'test:fail') return
    const children = this.#takeChildren(data)
    if (data.skip !== undefined || data.todo !== undefined) {
      this.#skipped.push(`${data.name} (${String(data.skip ?? data.todo)})`)
    } else if (type === 'test:fail') {
      // A parent fails with its children, which are counted; one that fails by itself (a hook, its body) counts too.
      if (data.details?.error?.failureType !== 'subtestsFailed') this.failed++
    } else if (data.name === data.file) {
      this.fail(`${data.file} holds no test`)
    } else if (children === 0 && data.details?.type !== 'suite') {
      this.passed++
    }
  }

  /** A failure that no test reports. */
  fail(sentence: string): void {
    this.failed++
    this.say(sentence)
  }

  /** More about a failure that is counted already. */
  say(sentence: string): void {
    this.#faults.push(sentence)
  }

  /** What goes to standard output at the end; the last line is the one that tools read. */
  report(shorten: (file: string) => string): string {
    const lines = this.#skipped.map((name) => `skipped: ${name}`)
    lines.push(...this.#faults.map((fault) => `failed: ${fault.replace(/^\/\S+/, shorten)}`))
    return `${[...lines, `${this.passed} passed, ${this.failed} failed`].join('\n')}\n`
  }

  /** How many results came one level below since the last one here: a test's children are reported before it. */
  #takeChildren({ file = '', nesting = 0 }: TestEvent['data']): number {
    const depths = this.#seen.get(file) ?? []
    this.#seen.set(file, depths)
    const children = depths[nesting + 1] ?? 0
    depths[nesting + 1] = 0
    depths[nesting] = (depths[nesting] ?? 0) + 1
    return children
  }
}
