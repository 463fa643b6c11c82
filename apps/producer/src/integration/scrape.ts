// For tests: what /metrics says, as numbers.

export interface Scraped {
  readonly type: string
  readonly text: string
  /** By name and labels, as they are written; 0 where there is no such series. */
  value(series: string): number
  /** Names of the series that have a sample, without what histograms and counters add. */
  readonly names: ReadonlySet<string>
}

export async function scrape(url: string): Promise<Scraped> {
  const response = await fetch(`${url}/metrics`)
  const text = await response.text()
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const values = new Map(
    samples.map((line) => {
      const [, series = '', value] = /^(\S+?(?:\{.*?\})?) (\S+)/.exec(line) ?? []
      return [series, Number(value)]
    }),
  )
  const names = [...values.keys()].map((series) =>
    series.replace(/\{.*/, '').replace(/_bucket$|_sum$|_count$/, ''),
  )
  return {
    type: response.headers.get('content-type') ?? '',
    text,
    value: (series) => values.get(series) ?? 0,
    names: new Set(names),
  }
}
