// Where the batched kernel finds what: word numbers of its program, of a task and of its scratch. Read by both sides.
//
// A program is the part of a compiled model that the batched kernel (assembly/) reads: a header of 32-bit words and
// tables behind it. All offsets in it count from the beginning of the compiled model, in bytes, those named SCRATCH_…
// from the beginning of the thread's scratch. A vector over agents is one line of `LINE` bytes: a number for each
// agent of a tile. Plain numbers, so that TypeScript and AssemblyScript both compile this file.

/** Bytes of one number for each agent of a tile: a cache line. */
export const LINE = 64

// The header: sizes.
export const FACTORS = 0
export const MODALITIES = 1
export const GROUPS = 2
export const POLICY_LEN = 3
export const POLICIES = 4
export const CONTROLS = 5
export const JOINTS = 6
export const STATES = 7
export const OUTCOMES = 8
export const ROW_BYTES = 9
export const NODES = 10
export const FLAGS = 11
export const NUM_ITER = 12
// The header: tables.
export const FACTOR_TABLE = 13
export const GROUP_TABLE = 14
export const MODALITY_TABLE = 15
/** u32 [control]: actions. */
export const CONTROL_TABLE = 16
/** u32 [node], parents before children, as model/policies.ts has them. */
export const NODE_DEPTH = 17
export const NODE_ACTION = 18
export const NODE_POLICY = 19
/** u32 [policy]: its first joint action. */
export const FIRST_ACTION = 20
/** u32 [joint action][control], u32 [joint action][factor]. */
export const JOINT_ACTIONS = 21
export const FACTOR_ACTIONS = 22
/** real [policy]: in the model's precision. */
export const LOG_E = 23
/** f64: γ, α, dF, dFTol. */
export const NUMBERS = 24
// The header: scratch.
export const SCRATCH_ORDER = 25
export const SCRATCH_BUCKETS = 26
export const SCRATCH_LANES = 27
export const SCRATCH_PRIOR = 28
export const SCRATCH_TEMP = 29
export const SCRATCH_LIKELIHOOD = 30
export const SCRATCH_SOFT = 31
export const SCRATCH_LOG_PRIOR = 32
export const SCRATCH_MESSAGES = 33
export const SCRATCH_JOINT = 34
export const SCRATCH_SEEN = 35
export const SCRATCH_OUTCOMES = 36
export const SCRATCH_BACKGROUND = 37
export const SCRATCH_G = 38
export const SCRATCH_Q_PI = 39
export const SCRATCH_SHARPENED = 40
export const SCRATCH_MARGINALS = 41
export const SCRATCH_MARKS = 42
/** The first level of the policy tree, bytes from one to the next, and what lies where in one. */
export const SCRATCH_LEVELS = 43
export const LEVEL_BYTES = 44
export const LEVEL_VALUES = 45
export const LEVEL_SUM = 46
/** Bytes of scratch in all, of which the kernel itself needs nothing. */
export const SCRATCH_BYTES = 47
export const PROGRAM_WORDS = 48

// Bits of `FLAGS`.
/** Bayes' rule without a stabiliser. */
export const EXACT = 1
/** One factor: a normalised product, without a logarithm. */
export const PRODUCT = 2
export const STOCHASTIC = 4
export const FULL_SAMPLING = 8
/** Sweeps end when the free energy hardly changes. */
export const FOLLOW = 16
export const SEQUENTIAL = 32
export const USE_GAIN = 64
/** Exact: products of likelihoods may leave the numbers that there are. */
export const MAY_UNDERFLOW = 128

// A factor.
export const FACTOR_STATES = 0
/** Where its first state is among all. */
export const FACTOR_AT = 1
export const FACTOR_PARENTS = 2
/** u32 [parent]: factor. */
export const FACTOR_PARENT_TABLE = 3
/** Where its parents are joined, in bytes of scratch. */
export const FACTOR_JOINED = 4
/** u32 [own action]: the map from the parents' joint belief to the next belief. */
export const FACTOR_NEXT = 5
/** The map to all different predictions of a state, how many there are, and where they lie in a level. */
export const FACTOR_ALL = 6
export const FACTOR_ROWS = 7
export const FACTOR_ROWS_AT = 8
/** u32 [own action][state]: which prediction it is, in bytes. */
export const FACTOR_ROW_OF = 9
/** Whether the predictions are wanted for the last step of the policies too. */
export const FACTOR_ALWAYS = 10
export const FACTOR_WORDS = 11

// A group of modalities that depend on the same factors.
/** How its worth is reckoned: see `WORTH_…`. */
export const GROUP_WORTH = 0
export const GROUP_FACTORS = 1
/** u32 [axis]: factor. */
export const GROUP_FACTOR_TABLE = 2
export const GROUP_SIZE = 3
export const GROUP_MODALITIES = 4
/** u32 [i]: modality. */
export const GROUP_MODALITY_TABLE = 5
/** Different combinations of its factors' own actions; u32 [combination][axis]: own action. */
export const GROUP_COMBINATIONS = 6
export const GROUP_ACTIONS = 7
/** u32 [joint action]: bytes from the beginning of a level's values. */
export const GROUP_VALUE_OF = 8
/** u32 [t]: the map from the parents' joint belief (or a table of the group's joint states) to each one's utility. */
export const GROUP_UTILITY = 9
/** The map, or table, of the negative ambiguity. */
export const GROUP_AMBIGUITY = 10
/**
 * The map to all different predicted outcomes (0: they are the predictions themselves), how many, and
 * u32 [combination][outcome]: which, in bytes.
 */
export const GROUP_OUTCOMES = 11
export const GROUP_OUTCOME_ROWS = 12
export const GROUP_OUTCOME_OF = 13
export const GROUP_ALL_OUTCOMES = 14
/** Where its log likelihood is, in bytes of `SCRATCH_LIKELIHOOD`, and of its first value in a level's values. */
export const GROUP_LIKELIHOOD = 15
export const GROUP_VALUES_AT = 16
/** u32 [axis]: count of contractions, then four words each: outer, states, inner, first state in bytes. */
export const GROUP_MESSAGES = 17
export const GROUP_WORDS = 18

/** Maps from the belief that the group's one factor follows from. */
export const WORTH_OF_BELIEF = 0
/** Maps from its predictions, those below the threshold taken out. */
export const WORTH_OF_PREDICTIONS = 1
/** From the joint belief over the group's factors, one combination after the other. */
export const WORTH_OF_JOINT = 2

// A modality.
export const MODALITY_OUTCOMES = 0
/** Joint states. */
export const MODALITY_SIZE = 1
/** real [outcome, and one more that says nothing][joint state]: A + 1e-16, A, or ln(A + 1e-16). */
export const MODALITY_TABLE_AT = 2
/** f64 [outcome][joint state]: A. */
export const MODALITY_A = 3
/** Where its outcomes begin among all. */
export const MODALITY_OUTCOMES_AT = 4
export const MODALITY_WORDS = 5

// A linear map, words: backgrounds, blocks of four rows, blocks of one row, where its numbers begin.
export const MAP_BACKGROUNDS = 0
export const MAP_FOURS = 1
export const MAP_ONES = 2
export const MAP_NUMBERS = 3
export const MAP_WORDS = 4

// A task, words from the beginning of scratch: addresses in the memory, 0 for what is not wanted.
export const TASK_MODEL = 0
export const TASK_PROGRAM = 1
export const TASK_ROWS = 2
export const TASK_COUNT = 3
export const TASK_FROM = 4
export const TASK_TO = 5
export const TASK_ERRORS = 6
export const TASK_NOTES = 7
export const TASK_ACTIONS = 8
export const TASK_EXPECTED_STEP = 9
export const TASK_OBSERVATIONS = 10
export const TASK_SOFT = 11
export const TASK_Q_PI = 12
export const TASK_G = 13
export const TASK_ITERATIONS = 14
export const TASK_MARGIN = 15
export const TASK_WORDS = 16
/** Behind the task, bytes: constants of the kernel's arithmetic, of double and then of single precision. */
export const CONSTANTS_AT = 64
export const CONSTANT_BYTES = 768
export const CONSTANTS_OF_SINGLE = 384

/** Rows that are ordered together. */
export const CHUNK = 1024
