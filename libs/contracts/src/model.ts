// The schema of a generative model as it comes over HTTP. What a schema cannot say (shapes, sums) is in `inference`.
import { Type, type Static, type TSchema } from 'typebox'
import { ModelOptions } from './model-options.js'

/** Nested arrays of numbers; the depth is the number of axes. */
export type Tensor = readonly (number | Tensor)[]

const tensor = (description: string) =>
  Type.Unsafe<Tensor>({ type: 'array', minItems: 1, items: {}, description })
const object = { additionalProperties: false } as const
const index = Type.Integer({ minimum: 0 })
const indexLists = (description: string) => Type.Array(Type.Array(index), { minItems: 1, description })
const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])
const counts = (of: string) =>
  Type.Array(orNull(tensor(`p${of}, in the shape of ${of}: its Dirichlet counts; null where it has none`)))

/** pymdp's index order: `A[m][o][s…]`, `B[f][next][prev…][action]`, `C[m][o]` or `C[m][o][t]`, `D[f][s]`, `E[pi]`. */
export const Model = Type.Object(
  {
    A: Type.Array(
      tensor(
        'A[m][outcome][state…]: probability of an outcome given the states of the factors it depends on',
      ),
      { minItems: 1 },
    ),
    B: Type.Array(tensor('B[f][next][previous…][action]: probability of the next state'), { minItems: 1 }),
    C: Type.Optional(
      Type.Array(
        tensor('C[m][outcome] or C[m][outcome][t]: log preferences, unnormalised; zeros where left out'),
      ),
    ),
    D: Type.Optional(
      Type.Array(Type.Array(Type.Number()), {
        description: 'D[f][state]: initial beliefs; uniform where left out',
      }),
    ),
    E: Type.Optional(
      Type.Array(Type.Number(), { description: 'E[policy]: habits, a distribution; uniform where left out' }),
    ),
    A_dependencies: Type.Optional(
      indexLists('A_dependencies[m][k]: factors that a modality depends on; all where left out'),
    ),
    B_dependencies: Type.Optional(
      indexLists(
        'B_dependencies[f][k]: factors that a factor’s transition depends on; itself where left out',
      ),
    ),
    B_action_dependencies: Type.Optional(
      indexLists(
        'B_action_dependencies[f][k]: controls that a factor’s transition depends on, an axis of B each; ' +
          'its own one where left out',
      ),
    ),
    pA: Type.Optional(counts('A[m]')),
    pB: Type.Optional(counts('B[f]')),
    pD: Type.Optional(
      Type.Array(orNull(Type.Array(Type.Number())), {
        description: 'pD[f][state]: Dirichlet counts of D[f]; null where it has none',
      }),
    ),
    pE: Type.Optional(Type.Array(Type.Number(), { description: 'pE[policy]: Dirichlet counts of E' })),
    H: Type.Optional(
      Type.Array(orNull(Type.Array(Type.Number())), {
        description:
          'H[f][state]: 1 for the states to end in, 0 for others; null for a factor without a goal',
      }),
    ),
    policies: Type.Optional(
      Type.Array(Type.Array(Type.Array(index), { minItems: 1, maxItems: 64 }), {
        minItems: 1,
        description:
          'policies[policy][t][control]: all that there are; every sequence of actions where left out',
      }),
    ),
    options: Type.Optional(ModelOptions),
  },
  object,
)

export type Model = Static<typeof Model>
