/* What numba's compiled code asks of its runtime, in WebAssembly: memory for arrays that live for one call.

   Blocks are stacked. One that is freed under others waits until those above it are freed too. Names and the layout of
   `meminfo` are numba's (numba/core/runtime/nrt.h); pointers have 4 bytes here, as in the code that is compiled for it.
   build_page_driver.py adds the functions that the page calls, each of which begins with `forget`. */

typedef unsigned long long word;

typedef struct meminfo {
    word references;
    void *destructor, *destructor_info, *data;
    word size;
    struct meminfo *below;
    word freed;
} meminfo;

static char stack[4 << 20] __attribute__((aligned(16)));
static char *end = stack;
static meminfo *top = 0;

/* Forgets what a call left behind that trapped. */
static void forget(void) {
    end = stack;
    top = 0;
}

/* WebAssembly reads at any address: numba's wish for 32 bytes is meant for the vectors of other processors. */
meminfo *NRT_MemInfo_alloc_aligned(word size, unsigned alignment) {
    word needed = (sizeof(meminfo) + size + 15) & ~15ULL;
    if (size > sizeof stack || needed > (word)(stack + sizeof stack - end)) __builtin_trap();
    meminfo *made = (meminfo *)end;
    *made = (meminfo){1, 0, 0, made + 1, size, top, 0};
    top = made;
    end += needed;
    return made;
}

/* Lists of plain numbers, which sorting makes: nothing in them to destroy. */
meminfo *NRT_MemInfo_new_varsize_dtor(word size, void *destructor) { return NRT_MemInfo_alloc_aligned(size, 16); }

void NRT_MemInfo_call_dtor(meminfo *block) {
    block->freed = 1;
    for (; top && top->freed; top = top->below) end = (char *)top;
}
