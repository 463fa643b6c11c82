// What each worked example has for the page: a picture, and tables of figures.

export interface Worked {
  /** The file's text, in docs/images. */
  readonly svg: string
  /** Markdown tables for the page's places of these names. */
  readonly tables: Readonly<Record<string, string>>
}

export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map((_, i) => (i === 0 ? '---' : '--:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

export const countOf = <T>(items: readonly T[], is: (item: T) => boolean): number => items.filter(is).length

/** Runs once, however often it is asked. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
