// `--observations 0,-,1;0.2/0.8,1,0`: what is seen, steps apart by `;`, modalities by `,`.
import { CohortError, counted, distributionFault } from '@cohort/contracts'
import type { Seen } from '../lone-agent/lone-agent.js'
import type { Named } from './names.js'

export interface Observed {
  readonly modalities: readonly Named[]
  /** Whether an observation may be a distribution. */
  readonly soft: boolean
}

/** [step][modality]. A name of an outcome will do for its number. Throws `usage`. */
export const parseObservations = (text: string, { modalities, soft }: Observed): Seen[][] =>
  text.split(';').map((step, t) => {
    const tokens = step.split(',').map((token) => token.trim())
    if (tokens.length !== modalities.length) {
      const has = counted(modalities.length, 'modality', 'modalities')
      const detail = `step ${t + 1} has ${counted(tokens.length, 'observation')}, the model has ${has}`
      throw new CohortError('usage', `--observations: ${detail}`)
    }
    return modalities.map((modality, m) => {
      const refuse = (reason: string) =>
        new CohortError('usage', `--observations: step ${t + 1}, ${modality.name}: ${reason}`)
      const one = seen(tokens[m] ?? '', modality, refuse)
      if (typeof one === 'object' && one !== null && !soft)
        throw refuse('message passing takes no distribution, only an outcome or -')
      return one
    })
  })

function seen(token: string, { values }: Named, refuse: (reason: string) => CohortError): Seen {
  if (token === '-') return null
  if (/^\d{1,9}$/.test(token)) {
    if (Number(token) < values.length) return Number(token)
    throw refuse(`outcome ${token} is not one of 0 to ${values.length - 1}`)
  }
  const named = values.findIndex((name) => name.toLowerCase() === token.toLowerCase())
  if (named >= 0) return named
  const shares = token
    .split('/')
    .map((share) => (/^[\d.]+(e-?\d+)?$/i.test(share) ? Number(share) : Number.NaN))
  if (shares.length < 2)
    throw refuse(`'${token}' is no outcome: a number, a name, - for nothing seen, or shares such as 0.2/0.8`)
  if (shares.length !== values.length)
    throw refuse(`${shares.length} shares for ${counted(values.length, 'outcome')}`)
  const fault = distributionFault(shares)
  if (fault !== undefined) throw refuse(`'${token}' ${fault.message}, expected ${fault.expected}`)
  return shares
}
