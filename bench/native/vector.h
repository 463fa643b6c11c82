// The lanes of a tile in vectors of VECTOR bytes: 16 as WebAssembly has them, or as long as the machine's are.
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "words.h"

#if defined(VECTOR)
#elif defined(__AVX512F__)
#define VECTOR 64
#elif defined(__AVX__)
#define VECTOR 32
#else
#define VECTOR 16
#endif
#define LANES 8
#define PER_LINE (W_LINE / VECTOR)

typedef uint8_t *at;
typedef double v __attribute__((vector_size(VECTOR)));
typedef int64_t bits __attribute__((vector_size(VECTOR)));
#define INLINE static inline __attribute__((always_inline))

INLINE v load(at p) { return *(v *)p; }
INLINE void store(at p, v x) { *(v *)p = x; }
INLINE v splat(double x) { return x - (v){0}; }
INLINE v only(v x, bits where) { return (v)((bits)x & where); }
INLINE v either(v yes, v no, bits where) { return (v)(((bits)yes & where) | ((bits)no & ~where)); }
INLINE v greater(v a, v b) { return either(b, a, b > a); }
INLINE double get(at p) { return *(double *)p; }
INLINE void put(at p, double x) { *(double *)p = x; }

// x = 2^k·m with m in [√½, √2], ln m = 2·atanh((m − 1)/(m + 1)): the coefficients of FreeBSD's msun, e_log.c
INLINE v logarithm(v x) {
  bits exponent = (bits)(((bits)x + 0x00095f619980c433) >> 52);
  v m = (v)((bits)x - ((exponent - 1023) << 52));
  v k = (v)(exponent | 0x4330000000000000) - 4503599627371519.0;
  v f = m - 1.0;
  v half = f * f * 0.5;
  v s = f / (f + 2.0);
  v z = s * s;
  v w = z * z;
  v even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  v odd = z * (6.66666666666673513e-1 +
               w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  v rest = s * (half + (odd + even)) + k * 1.90821492927058770002e-10;
  return k * 6.9314718036912381649e-1 - ((half - rest) - f);
}

// x = k·ln 2 + r, e^r from a polynomial in r²: the coefficients of FreeBSD's msun, e_exp.c. 0 below −708.
INLINE v exponential(v x) {
  v shifter = splat(6755399441055744.0);
  v k = (x * 1.442695040888963387 + shifter) - shifter;
  v high = x - k * 6.9314718036912381649e-1;
  v low = k * 1.90821492927058770002e-10;
  v r = high - low;
  v t = r * r;
  v c = r - t * (1.66666666666666019037e-1 +
                 t * (-2.77777777770155933842e-3 +
                      t * (6.61375632143793436117e-5 +
                           t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))));
  v power = 1.0 + (((r * c) / (2.0 - c) - low) + high);
  v scale = (v)((bits)(k + 6755399441056767.0) << 52);
  return only(power * scale, x >= -708.0);
}

// One vector of lanes: replaces log weights, a line apart, by the distribution that they stand for.
INLINE void softmax(at weights, uint32_t lines) {
  v most = load(weights);
  for (uint32_t i = 1; i < lines; i++) most = greater(most, load(weights + i * W_LINE));
  v total = splat(0);
  for (uint32_t i = 0; i < lines; i++) {
    v weight = exponential(load(weights + i * W_LINE) - most);
    store(weights + i * W_LINE, weight);
    total += weight;
  }
  v share = 1.0 / total;
  for (uint32_t i = 0; i < lines; i++) store(weights + i * W_LINE, load(weights + i * W_LINE) * share);
}

INLINE void normalise(at weights, uint32_t lines) {
  for (int lane = 0; lane < W_LINE; lane += VECTOR) {
    v total = splat(0);
    for (uint32_t i = 0; i < lines; i++) total += load(weights + i * W_LINE + lane);
    for (uint32_t i = 0; i < lines; i++)
      store(weights + i * W_LINE + lane, load(weights + i * W_LINE + lane) / total);
  }
}

INLINE void add_line(at from, at to) {
  for (int i = 0; i < W_LINE; i += VECTOR) store(to + i, load(to + i) + load(from + i));
}

INLINE void copy_lines(at from, at to, uint32_t lines) { memcpy(to, from, (size_t)lines * W_LINE); }
