// Beliefs about several factors by fixed-point iteration, all factors at once.
#include "perceive.h"

static void observe(void) {
  for (uint32_t g = 0; g < head(W_GROUPS); g++) {
    at group = group_at(g), L = room(W_SCRATCH_LIKELIHOOD) + word(group, W_GROUP_LIKELIHOOD);
    uint32_t size = word(group, W_GROUP_SIZE);
    memset(L, 0, size * W_LINE);
    for (uint32_t i = 0; i < word(group, W_GROUP_MODALITIES); i++)
      for (uint32_t lane = 0; lane < LANES; lane++) {
        double *from = seen_row(word(model + word(group, W_GROUP_MODALITY_TABLE), i), lane);
        for (uint32_t s = 0; s < size; s++) ((double *)L)[s * LANES + lane] += from[s];
      }
  }
  at prior = room(W_SCRATCH_PRIOR), to = room(W_SCRATCH_LOG_PRIOR);
  for (uint32_t i = 0; i < head(W_STATES) * W_LINE; i += VECTOR) store(to + i, logarithm(load(prior + i) + EPS));
  for (uint32_t f = 0; f < head(W_FACTORS); f++) {
    uint32_t states = word(factor_at(f), W_FACTOR_STATES);
    at q = level(0) + word(factor_at(f), W_FACTOR_AT) * W_LINE;
    for (uint32_t i = 0; i < states * W_LINE; i += VECTOR) store(q + i, splat(1.0 / states));
  }
}

// SCRATCH_JOINT[o, i] = Σ_s tensor[o, s, i]·q[s]
static void contract(at tensor, uint32_t outer, uint32_t states, uint32_t inner, at q) {
  at out = room(W_SCRATCH_JOINT);
  for (uint32_t o = 0; o < outer; o++)
    for (uint32_t i = 0; i < inner; i++) {
      v sum[PER_LINE];
      for (int k = 0; k < PER_LINE; k++) sum[k] = splat(0);
      for (uint32_t s = 0; s < states; s++)
        for (int k = 0; k < PER_LINE; k++)
          sum[k] += load(tensor + ((o * states + s) * inner + i) * W_LINE + k * VECTOR) *
                    load(q + s * W_LINE + k * VECTOR);
      for (int k = 0; k < PER_LINE; k++) store(out + (o * inner + i) * W_LINE + k * VECTOR, sum[k]);
    }
}

static at add_message(at group, uint32_t k, at contractions, int expect) {
  at tensor = room(W_SCRATCH_LIKELIHOOD) + word(group, W_GROUP_LIKELIHOOD), next = contractions + 4;
  for (uint32_t i = 0; i < word(contractions, 0); i++, next += 16) {
    contract(tensor, word(next, 0), word(next, 1), word(next, 2), level(0) + word(next, 3));
    tensor = room(W_SCRATCH_JOINT);
  }
  at factor = factor_at(word(model + word(group, W_GROUP_FACTOR_TABLE), k));
  uint32_t place = word(factor, W_FACTOR_AT) * W_LINE, lines = word(factor, W_FACTOR_STATES) * W_LINE;
  at message = room(W_SCRATCH_MESSAGES) + place, q = level(0) + place, accuracy = room(W_SCRATCH_MARKS) + ACCURACY;
  for (uint32_t lane = 0; lane < W_LINE; lane += VECTOR) {
    v sum = splat(0);
    for (uint32_t i = lane; i < lines; i += W_LINE) {
      v value = load(tensor + i);
      store(message + i, load(message + i) + value);
      sum += value * load(q + i);
    }
    if (expect) store(accuracy + lane, load(accuracy + lane) + sum);
  }
  return next;
}

static void gather_messages(void) {
  memset(room(W_SCRATCH_MESSAGES), 0, head(W_STATES) * W_LINE);
  memset(room(W_SCRATCH_MARKS) + ACCURACY, 0, W_LINE);
  for (uint32_t g = 0; g < head(W_GROUPS); g++) {
    at group = group_at(g), message = model + word(group, W_GROUP_MESSAGES);
    for (uint32_t k = 0; k < word(group, W_GROUP_FACTORS); k++) message = add_message(group, k, message, k == 0);
  }
}

static int changed;

static void update_all(void) {
  for (uint32_t f = 0; f < head(W_FACTORS); f++) {
    at factor = factor_at(f), weights = room(W_SCRATCH_TEMP);
    uint32_t place = word(factor, W_FACTOR_AT) * W_LINE, states = word(factor, W_FACTOR_STATES);
    at message = room(W_SCRATCH_MESSAGES) + place, prior = room(W_SCRATCH_LOG_PRIOR) + place, q = level(0) + place;
    for (uint32_t lane = 0; lane < W_LINE; lane += VECTOR) {
      bits moving = (bits)load(room(W_SCRATCH_MARKS) + MOVING + lane);
      for (uint32_t i = lane; i < states * W_LINE; i += W_LINE) store(weights + i, load(message + i) + load(prior + i));
      softmax(weights + lane, states);
      for (uint32_t i = lane; i < states * W_LINE; i += W_LINE) {
        v before = load(q + i), now = either(load(weights + i), before, moving);
        bits differs = (bits)now ^ (bits)before;
        for (int k = 0; k < VECTOR / 8; k++) changed |= differs[k] != 0;
        store(q + i, now);
      }
    }
  }
}

static void complexity(int first) {
  for (uint32_t lane = 0; lane < W_LINE; lane += VECTOR) {
    at vfe = room(W_SCRATCH_MARKS) + FREE_ENERGY + lane;
    v sum = splat(0);
    for (uint32_t i = lane; i < head(W_STATES) * W_LINE; i += W_LINE) {
      v q = load(level(0) + i);
      sum += q * (logarithm(q + EPS) - load(room(W_SCRATCH_LOG_PRIOR) + i));
    }
    store(vfe, first ? sum : sum - load(vfe + W_LINE));
  }
}

static int settled(int first) {
  double *numbers = (double *)table(W_NUMBERS);
  if (first) return numbers[2] < numbers[3];
  at marks = room(W_SCRATCH_MARKS);
  v before[PER_LINE];
  for (int k = 0; k < PER_LINE; k++) before[k] = load(marks + FREE_ENERGY + k * VECTOR);
  complexity(0);
  int any = 0;
  for (int k = 0; k < PER_LINE; k++) {
    v change = (v)((bits)(before[k] - load(marks + FREE_ENERGY + k * VECTOR)) & INT64_MAX);
    bits moving = (bits)load(marks + MOVING + k * VECTOR) & (change >= numbers[3]);
    store(marks + MOVING + k * VECTOR, (v)moving);
    for (int i = 0; i < VECTOR / 8; i++) any |= moving[i] != 0;
  }
  return !any;
}

static void note_impossible(void) {
  at allowed = room(W_SCRATCH_TEMP), joint = room(W_SCRATCH_JOINT), marks = room(W_SCRATCH_MARKS);
  memset(marks, 0, W_LINE);
  for (uint32_t g = 0; g < head(W_GROUPS); g++) {
    at group = group_at(g), L = room(W_SCRATCH_LIKELIHOOD) + word(group, W_GROUP_LIKELIHOOD);
    uint32_t size = 1;
    for (int i = 0; i < W_LINE; i += VECTOR) store(joint + i, splat(1));
    for (uint32_t k = 0; k < word(group, W_GROUP_FACTORS); k++) {
      at factor = factor_at(word(model + word(group, W_GROUP_FACTOR_TABLE), k));
      uint32_t states = word(factor, W_FACTOR_STATES);
      at prior = room(W_SCRATCH_PRIOR) + word(factor, W_FACTOR_AT) * W_LINE;
      for (uint32_t i = 0; i < states * W_LINE; i += VECTOR)
        store(allowed + i, only(splat(1), load(prior + i) > CRUMB));
      size = join_lines(joint, size, allowed, states);
    }
    for (uint32_t lane = 0; lane < LANES; lane++) {
      int found = 0;
      for (uint32_t s = 0; s < size && !found; s++)
        found = get(joint + s * W_LINE + lane * 8) > 0 && get(L + s * W_LINE + lane * 8) > LOG_EPS;
      for (uint32_t s = 0; s < size && !found; s++) {
        found = get(joint + s * W_LINE + lane * 8) > 0;
        for (uint32_t i = 0; i < word(group, W_GROUP_MODALITIES) && found; i++)
          found = could_show(word(model + word(group, W_GROUP_MODALITY_TABLE), i), lane, s);
      }
      if (!found) put(marks + lane * 8, 1);
    }
  }
}

static void infer_fixed_point(void) {
  at marks = room(W_SCRATCH_MARKS);
  int several = head(W_FACTORS) > 1, follow = several && has(W_FOLLOW);
  uint32_t most = several ? head(W_NUM_ITER) : 1;
  observe();
  gather_messages();
  memset(marks + ITERATIONS, 0, W_LINE);
  memset(marks + MOVING, 255, W_LINE);
  if (follow) complexity(1);
  for (uint32_t sweep = 0; sweep < most; sweep++) {
    if (follow && settled(sweep == 0)) break;
    changed = 0;
    update_all();
    // What a sweep leaves as it was to the bit, those to come leave too.
    double done = follow || changed ? 1 : most - sweep;
    for (int i = 0; i < W_LINE; i += VECTOR)
      store(marks + ITERATIONS + i,
            load(marks + ITERATIONS + i) + only(splat(done), (bits)load(marks + MOVING + i)));
    if (!follow && !changed) break;
    if (several) gather_messages();
  }
  note_impossible();
}
