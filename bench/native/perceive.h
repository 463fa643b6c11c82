// Rows into lanes, the prior that the last action led to, and the new belief.
#include "program.h"

#define EPS 1e-16
#define CRUMB 1e-12
#define CRUMB_OF_LIKELIHOOD 1.0033e-16
#define LOG_EPS -36.84
#define ROW_SEED 8
#define ROW_LAST_ACTION 16
#define ROW_FLAGS 20
#define ROW_STATE 24
// Lines behind each other in SCRATCH_MARKS.
#define ITERATIONS W_LINE
#define MOVING (2 * W_LINE)
#define FREE_ENERGY (3 * W_LINE)
#define ACCURACY (4 * W_LINE)

INLINE uint32_t key_of(uint32_t row) {
  at p = row_at(row);
  return (word(p + ROW_FLAGS, 0) & 1) == 0 ? 0 : word(p + ROW_LAST_ACTION, 0) + 1;
}

static int is_distribution(double *p, uint32_t length) {
  double sum = 0;
  for (uint32_t i = 0; i < length; i++) {
    if (p[i] < 0) return 0;
    sum += p[i];
  }
  return fabs(sum - 1) <= 1e-6;
}

// 0, or that the row is poisoned or sees nonsense: the benchmark gives none of them, but a kernel must look.
static int32_t fault_of(uint32_t row) {
  at p = row_at(row);
  double expected = ((double *)task(W_TASK_EXPECTED_STEP))[row];
  if (expected != -1 && expected != (double)*(uint64_t *)p) return 1;
  if (word(p + ROW_LAST_ACTION, 0) >= head(W_JOINTS)) return 2;
  for (uint32_t f = 0; f < head(W_FACTORS); f++) {
    double *q = (double *)(p + ROW_STATE) + word(factor_at(f), W_FACTOR_AT);
    if (!is_distribution(q, word(factor_at(f), W_FACTOR_STATES))) return 2;
  }
  for (uint32_t m = 0; m < head(W_MODALITIES); m++) {
    int32_t outcome = seen(m, row);
    if (outcome < -1 || outcome >= (int32_t)word(modality_at(m), W_MODALITY_OUTCOMES)) return 3;
  }
  return 0;
}

// Sound rows by their last actions, within one in their own order; returns how many.
static uint32_t order_rows(uint32_t from, uint32_t to) {
  int32_t *errors = (int32_t *)task(W_TASK_ERRORS);
  uint32_t *buckets = (uint32_t *)room(W_SCRATCH_BUCKETS);
  uint32_t *order = (uint32_t *)room(W_SCRATCH_ORDER);
  uint32_t count = head(W_JOINTS) + 1;
  memset(buckets, 0, (count + 1) * 4);
  for (uint32_t row = from; row < to; row++) {
    errors[row] = fault_of(row);
    if (errors[row] == 0) buckets[key_of(row) + 1]++;
  }
  for (uint32_t i = 1; i <= count; i++) buckets[i] += buckets[i - 1];
  for (uint32_t row = from; row < to; row++)
    if (errors[row] == 0) order[buckets[key_of(row)]++] = row;
  return buckets[count - 1];
}

static void take_tile(uint32_t first, uint32_t agents) {
  uint32_t *order = (uint32_t *)room(W_SCRATCH_ORDER), *lanes = (uint32_t *)room(W_SCRATCH_LANES);
  for (uint32_t lane = 0; lane < LANES; lane++)
    lanes[lane] = order[first + (lane < agents ? lane : agents - 1)];
  for (uint32_t lane = 0; lane < LANES; lane++) {
    double *q = (double *)(row_at(lanes[lane]) + ROW_STATE), *to = (double *)level(0) + lane;
    for (uint32_t s = 0; s < head(W_STATES); s++) to[s * LANES] = q[s];
  }
}

static void predict_prior(void) {
  uint32_t factors = head(W_FACTORS);
  for (uint32_t f = 0; f < factors; f++) {
    at factor = factor_at(f), from = parent_belief(factor, level(0));
    uint32_t place = word(factor, W_FACTOR_AT) * W_LINE, states = word(factor, W_FACTOR_STATES);
    uint32_t *next = (uint32_t *)(model + word(factor, W_FACTOR_NEXT));
    for (uint32_t lane = 0, end; lane < LANES; lane = end) {
      uint32_t key = key_of(row_of(lane));
      for (end = lane + 1; end < LANES && key_of(row_of(end)) == key;) end++;
      int whole = end - lane == LANES;
      at out = whole ? room(W_SCRATCH_PRIOR) + place : room(W_SCRATCH_TEMP);
      if (key == 0) copy_lines(level(0) + place, out, states);
      else apply(model + next[word(table(W_FACTOR_ACTIONS), (key - 1) * factors + f)], from, out);
      if (whole) continue;
      for (uint32_t s = 0; s < states; s++)
        for (uint32_t i = lane; i < end; i++)
          put(room(W_SCRATCH_PRIOR) + place + s * W_LINE + i * 8, get(out + s * W_LINE + i * 8));
    }
  }
}

INLINE double *seen_row(uint32_t m, uint32_t lane) {
  at modality = modality_at(m);
  int32_t outcome = seen(m, row_of(lane));
  uint32_t row = outcome < 0 ? word(modality, W_MODALITY_OUTCOMES) : (uint32_t)outcome;
  return (double *)(model + word(modality, W_MODALITY_TABLE_AT)) + row * word(modality, W_MODALITY_SIZE);
}

static int could_show(uint32_t m, uint32_t lane, uint32_t s) {
  at modality = modality_at(m);
  int32_t outcome = seen(m, row_of(lane));
  double *A = (double *)(model + word(modality, W_MODALITY_A));
  return outcome < 0 || A[outcome * word(modality, W_MODALITY_SIZE) + s] != 0;
}

// One factor: q = normalise(Π (A[m][o_m] + ε)·(prior + ε))
static void infer_product(void) {
  uint32_t states = head(W_STATES), modalities = head(W_MODALITIES);
  at L = room(W_SCRATCH_LIKELIHOOD), marks = room(W_SCRATCH_MARKS);
  for (uint32_t m = 0; m < modalities; m++) {
    double *rows[LANES];
    for (uint32_t lane = 0; lane < LANES; lane++) rows[lane] = seen_row(m, lane);
    for (uint32_t s = 0; s < states; s++) {
      double *to = (double *)(L + s * W_LINE);
      for (uint32_t lane = 0; lane < LANES; lane++) to[lane] = m == 0 ? rows[lane][s] : to[lane] * rows[lane][s];
    }
  }
  for (uint32_t i = 0; i < W_LINE; i += VECTOR) {
    at prior = room(W_SCRATCH_PRIOR) + i, q = level(0) + i;
    bits possible = {0};
    v total = splat(0);
    store(marks + i, splat(0));
    store(marks + ITERATIONS + i, splat(1));
    for (uint32_t s = 0; s < states * W_LINE; s += W_LINE) {
      v p = load(prior + s), l = load(L + i + s), weight = l * (p + EPS);
      possible |= (p > CRUMB) & (l > CRUMB_OF_LIKELIHOOD);
      store(q + s, weight);
      total += weight;
    }
    v share = 1.0 / total;
    for (uint32_t s = 0; s < states * W_LINE; s += W_LINE) store(q + s, load(q + s) * share);
    for (uint32_t k = 0; k < VECTOR / 8; k++) {
      uint32_t lane = i / 8 + k;
      int found = possible[k] != 0;
      for (uint32_t s = 0; s < states && !found; s++) {
        found = get(room(W_SCRATCH_PRIOR) + s * W_LINE + lane * 8) > CRUMB;
        for (uint32_t m = 0; m < modalities && found; m++) found = could_show(m, lane, s);
      }
      if (!found) put(marks + lane * 8, 1);
    }
  }
}
