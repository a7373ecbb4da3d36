/* Draws of chance for four boards at once: `simulator/engine/philox.py`, to the bit, in vectors of 32 bits.

   A compiler keeps each 32-bit word of Philox in 64 bits, as that file does, and so works on two boards where a vector has
   room for four. `build_page_driver.py` lets the kernels call this instead of `draw`. */

#include <wasm_simd128.h>

typedef unsigned int half; /* of a `word` of page_runtime.c */

/* Products of 32 by 32 bits. LLVM would write them as products of 64 by 64 where it knows a factor: three times as slow. */
#define PRODUCT(name, instruction)                                                                                         \
    static inline v128_t name(v128_t x, v128_t y) {                                                                        \
        v128_t made;                                                                                                       \
        __asm__("local.get %1\n local.get %2\n " instruction "\n local.set %0" : "=r"(made) : "r"(x), "r"(y));             \
        return made;                                                                                                       \
    }
PRODUCT(multiply_first, "i64x2.extmul_low_i32x4_u")
PRODUCT(multiply_last, "i64x2.extmul_high_i32x4_u")

/* The same number, of which the compiler no longer knows the value: it is kept, where a constant is made at every use. */
static inline v128_t kept(v128_t constant) {
    __asm__("" : "+r"(constant));
    return constant;
}

/* The upper halves of four products, with the two in the middle swapped: that takes half of what their order would. */
static inline v128_t high_words(v128_t x, v128_t y, v128_t upper) {
    return wasm_v128_or(wasm_u64x2_shr(multiply_first(x, y), 32), wasm_v128_and(multiply_last(x, y), upper));
}

/* Two numbers from the first two of each word: 53 bits as a number above 0 and below 1. */
static inline v128_t to_units(v128_t w0, v128_t w1, v128_t ulp, v128_t below_one) {
    v128_t wide = kept(wasm_f64x2_splat(67108864.0)), middle = kept(wasm_f64x2_splat(0.5));
    v128_t sum = wasm_f64x2_mul(wasm_f64x2_convert_low_i32x4(wasm_u32x4_shr(w0, 5)), wide);
    sum = wasm_f64x2_add(wasm_f64x2_add(sum, wasm_f64x2_convert_low_i32x4(wasm_u32x4_shr(w1, 6))), middle);
    return wasm_f64x2_pmin(below_one, wasm_f64x2_mul(sum, ulp));
}

/* Fills `draws` for boards from `first` on, in a quarter and for an event, under a seed's low and high word and a run. */
void *draw_boards(double *draws, word low, word high, word run, word quarter, word event, word first, word count) {
    v128_t m0 = kept(wasm_u32x4_splat(0xD2511F53)), m1 = kept(wasm_u32x4_splat(0xCD9E8D57));
    v128_t upper = kept(wasm_u64x2_splat(0xFFFFFFFF00000000)), four = kept(wasm_i32x4_splat(4));
    v128_t ulp = kept(wasm_f64x2_splat(0x1p-53)), below_one = kept(wasm_f64x2_splat(1.0 - 0x1p-53));
    v128_t k0[10], k1[10];
    for (half i = 0; i < 10; i++) {
        k0[i] = wasm_u32x4_splat((half)low + i * 0x9E3779B9);
        k1[i] = wasm_u32x4_splat((half)high + i * 0xBB67AE85);
    }
    /* What is the same for all boards in the first three rounds. */
    v128_t r = wasm_u32x4_splat((half)run), q = wasm_u32x4_splat((half)quarter), e = wasm_u32x4_splat((half)event);
    v128_t a0 = wasm_v128_xor(high_words(q, m1, upper), k0[0]), a1 = wasm_i32x4_mul(q, m1);
    v128_t a2 = wasm_v128_xor(high_words(r, m0, upper), wasm_v128_xor(e, k1[0])), a3 = wasm_i32x4_mul(r, m0);
    v128_t b0 = wasm_v128_xor(high_words(a2, m1, upper), wasm_v128_xor(a1, k0[1])), b1 = wasm_i32x4_mul(a2, m1);
    v128_t d2 = wasm_v128_xor(high_words(b0, m0, upper), k1[2]), d3 = wasm_i32x4_mul(b0, m0);
    /* Boards begin swapped. Every round swaps what was high, and what was low a round later meets it as it then is. */
    v128_t boards = wasm_i32x4_add(wasm_u32x4_splat((half)first), wasm_u32x4_make(0, 2, 1, 3));
    for (word at = 0; at < count; at += 4, boards = wasm_i32x4_add(boards, four)) {
        v128_t c0 = wasm_v128_xor(a0, boards), c3 = wasm_i32x4_mul(c0, m0);
        v128_t c2 = wasm_v128_xor(high_words(c0, m0, upper), wasm_v128_xor(a3, k1[1])), c1 = wasm_i32x4_mul(c2, m1);
        c0 = wasm_v128_xor(high_words(c2, m1, upper), wasm_v128_xor(b1, k0[2]));
        c2 = wasm_v128_xor(d2, c3);
        c3 = d3;
#pragma clang loop unroll(full)
        for (int i = 3; i < 10; i++) {
            v128_t high0 = high_words(c0, m0, upper), low0 = wasm_i32x4_mul(c0, m0);
            v128_t high1 = high_words(c2, m1, upper), low1 = wasm_i32x4_mul(c2, m1);
            c0 = wasm_v128_xor(high1, wasm_v128_xor(c1, k0[i]));
            c1 = low1;
            c2 = wasm_v128_xor(high0, wasm_v128_xor(c3, k1[i]));
            c3 = low0;
        }
        c1 = wasm_i32x4_shuffle(c1, c1, 0, 2, 1, 3);
        v128_t two = to_units(c0, c1, ulp, below_one);
        v128_t others = to_units(wasm_i32x4_shuffle(c0, c0, 2, 3, 0, 1), wasm_i32x4_shuffle(c1, c1, 2, 3, 0, 1), ulp, below_one);
        word left = count - at;
        if (left > 1) wasm_v128_store(draws + at, two);
        if (left > 3) wasm_v128_store(draws + at + 2, others);
        if (left == 1) draws[at] = wasm_f64x2_extract_lane(two, 0);
        if (left == 3) draws[at + 2] = wasm_f64x2_extract_lane(others, 0);
    }
    return 0;
}
