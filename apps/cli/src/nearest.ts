// For commands and flags alike: the name that somebody may have meant who wrote another one.
import { nearest } from '@cohort/contracts'

/** `; did you mean '--agents'?`, or nothing. */
export function didYouMean(written: string, names: readonly string[], before = ''): string {
  const meant = nearest(written, names)
  return meant === undefined ? '' : `; did you mean '${before}${meant}'?`
}
