// The task at hand, and the compiled program behind the model that it names: what words.h numbers.
#include "vector.h"

static at memory, model, program, scratch;

INLINE uint32_t word(at p, int i) { return ((uint32_t *)p)[i]; }
INLINE uint32_t head(int i) { return word(program, i); }
INLINE at table(int i) { return model + head(i); }
INLINE at room(int i) { return scratch + head(i); }
INLINE int has(uint32_t flag) { return (head(W_FLAGS) & flag) != 0; }
INLINE at factor_at(uint32_t f) { return table(W_FACTOR_TABLE) + f * W_FACTOR_WORDS * 4; }
INLINE at group_at(uint32_t g) { return table(W_GROUP_TABLE) + g * W_GROUP_WORDS * 4; }
INLINE at modality_at(uint32_t m) { return table(W_MODALITY_TABLE) + m * W_MODALITY_WORDS * 4; }
INLINE at level(uint32_t depth) { return room(W_SCRATCH_LEVELS) + depth * head(W_LEVEL_BYTES); }
INLINE at task(int i) { return memory + word(scratch, i); }
INLINE int wanted(int i) { return word(scratch, i) != 0; }
INLINE uint32_t row_of(uint32_t lane) { return word(room(W_SCRATCH_LANES), lane); }
INLINE at row_at(uint32_t row) { return task(W_TASK_ROWS) + (size_t)row * head(W_ROW_BYTES); }
INLINE int32_t seen(uint32_t m, uint32_t row) {
  return ((int32_t *)task(W_TASK_OBSERVATIONS))[m * word(scratch, W_TASK_COUNT) + row];
}

INLINE void begin_row(at backgrounds, uint32_t which, double kappa, at to) {
  for (int i = 0; i < W_LINE; i += VECTOR)
    store(to + i, which == 0 ? splat(0) : kappa * load(backgrounds + (which - 1) * W_LINE + i));
}

INLINE void sum_row(uint32_t *columns, uint32_t count, double *numbers, at x, at to) {
  v sum[PER_LINE];
  for (int i = 0; i < PER_LINE; i++) sum[i] = load(to + i * VECTOR);
  for (uint32_t c = 0; c < count; c++)
    for (int i = 0; i < PER_LINE; i++) sum[i] += numbers[c] * load(x + columns[c] + i * VECTOR);
  for (int i = 0; i < PER_LINE; i++) store(to + i * VECTOR, sum[i]);
}

// So many vectors of four rows with the same columns: as many sums as the registers hold.
#define TOGETHER (PER_LINE > 2 ? 2 : PER_LINE)
INLINE void sum_four(uint32_t *columns, uint32_t count, double *numbers, at x, at *to, int from) {
  v sum[4][TOGETHER];
  for (int r = 0; r < 4; r++)
    for (int i = 0; i < TOGETHER; i++) sum[r][i] = load(to[r] + from + i * VECTOR);
  for (uint32_t c = 0; c < count; c++, numbers += 4)
    for (int i = 0; i < TOGETHER; i++) {
      v by = load(x + columns[c] + from + i * VECTOR);
      for (int r = 0; r < 4; r++) sum[r][i] += numbers[r] * by;
    }
  for (int r = 0; r < 4; r++)
    for (int i = 0; i < TOGETHER; i++) store(to[r] + from + i * VECTOR, sum[r][i]);
}

// out[row] = κ[row]·(background · x) + Σ entries · x, as libs/inference/src/kernel/program/linear-map.ts encodes it
static void apply(at map, at x, at out) {
  at backgrounds = room(W_SCRATCH_BACKGROUND);
  double *numbers = (double *)(model + word(map, W_MAP_NUMBERS));
  uint32_t *next = (uint32_t *)map + W_MAP_WORDS;
  for (uint32_t i = 0; i < word(map, W_MAP_BACKGROUNDS); i++) {
    uint32_t columns = next[0];
    begin_row(backgrounds, 0, 0, backgrounds + i * W_LINE);
    sum_row(next + 1, columns, numbers, x, backgrounds + i * W_LINE);
    next += 1 + columns;
    numbers += columns;
  }
  for (uint32_t i = 0; i < word(map, W_MAP_FOURS); i++) {
    uint32_t columns = next[0];
    at to[4];
    for (int r = 0; r < 4; r++) {
      to[r] = out + next[2 + r];
      begin_row(backgrounds, next[1], numbers[r], to[r]);
    }
    for (int from = 0; from < W_LINE; from += TOGETHER * VECTOR)
      sum_four(next + 6, columns, numbers + 4, x, to, from);
    next += 6 + columns;
    numbers += 4 + 4 * columns;
  }
  for (uint32_t i = 0; i < word(map, W_MAP_ONES); i++) {
    uint32_t columns = next[0];
    begin_row(backgrounds, next[1], numbers[0], out + next[2]);
    sum_row(next + 3, columns, numbers + 1, x, out + next[2]);
    next += 3 + columns;
    numbers += 1 + columns;
  }
}

// out[i, s] = out[i]·q[s], in place, from the end
static uint32_t join_lines(at out, uint32_t size, at q, uint32_t states) {
  for (uint32_t i = size; i-- > 0;) {
    v by[PER_LINE];
    for (int k = 0; k < PER_LINE; k++) by[k] = load(out + i * W_LINE + k * VECTOR);
    for (uint32_t s = states; s-- > 0;)
      for (int k = 0; k < PER_LINE; k++)
        store(out + (i * states + s) * W_LINE + k * VECTOR, by[k] * load(q + s * W_LINE + k * VECTOR));
  }
  return size * states;
}

// The joint belief of a factor's parents: q_p0·q_p1·…
static at parent_belief(at factor, at beliefs) {
  uint32_t parents = word(factor, W_FACTOR_PARENTS);
  uint32_t *which = (uint32_t *)(model + word(factor, W_FACTOR_PARENT_TABLE));
  at first = factor_at(which[0]);
  if (parents == 1) return beliefs + word(first, W_FACTOR_AT) * W_LINE;
  at out = room(W_SCRATCH_PRIOR) + word(factor, W_FACTOR_JOINED);
  copy_lines(beliefs + word(first, W_FACTOR_AT) * W_LINE, out, word(first, W_FACTOR_STATES));
  uint32_t size = word(first, W_FACTOR_STATES);
  for (uint32_t p = 1; p < parents; p++) {
    at parent = factor_at(which[p]);
    size = join_lines(out, size, beliefs + word(parent, W_FACTOR_AT) * W_LINE, word(parent, W_FACTOR_STATES));
  }
  normalise(out, size);
  return out;
}
