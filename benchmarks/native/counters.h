/* What a thread writes alone, as in the library: its sums of assigned pages by ASID, and values of regions' versions that nobody else has.
 * A number for each living thread, given back when it ends. */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <pthread.h>
#include <stdatomic.h>

#include "fastrmp_bench.h"

#define PLACES 64
#define COUNTER_GUARD 128
#define COUNTER_WORDS (COUNTER_GUARD + 2 * 1024) /* of a place: raised and lowered for each ASID */
#define TOKEN_RANGE_SHIFT 28

/* One for all files that include this. The library stays loaded: the offset from the thread's register is constant. */
#define SHARED __attribute__((weak, visibility("hidden")))
#define SHARED_BY_THREAD SHARED __attribute__((tls_model("initial-exec")))

SHARED_BY_THREAD _Thread_local uint32_t place_of_thread; /* from 1 on; 0 before the first, PLACES + 1 if all are taken */
SHARED_BY_THREAD _Thread_local uint64_t next_token;
SHARED _Atomic uint64_t taken_places;
SHARED _Atomic uint64_t token_ranges;
SHARED pthread_key_t place_key;
SHARED pthread_once_t place_once = PTHREAD_ONCE_INIT;

static void give_place_back(void *place)
{
    atomic_fetch_and(&taken_places, ~(UINT64_C(1) << ((uintptr_t)place - 1)));
}

static void make_place_key(void)
{
    (void)pthread_key_create(&place_key, give_place_back);
}

static COLD uint32_t take_place(void)
{
    (void)pthread_once(&place_once, make_place_key);
    uint64_t taken = atomic_load(&taken_places);
    place_of_thread = PLACES + 1;
    while (~taken != 0)
    {
        uint32_t free = (uint32_t)__builtin_ctzll(~taken);
        if (!atomic_compare_exchange_strong(&taken_places, &taken, taken | UINT64_C(1) << free)) continue;
        place_of_thread = free + 1;
        (void)pthread_setspecific(place_key, (void *)(uintptr_t)place_of_thread);
        break;
    }

    return place_of_thread;
}

/* In the sums of this thread, or in those of all threads without a place. */
static ALWAYS_INLINE void add_own(uint64_t *counters, uint64_t at, uint64_t pages)
{
    uint32_t place = place_of_thread;
    if (__builtin_expect(place == 0, 0)) place = take_place();
    _Atomic uint64_t *sum = (_Atomic uint64_t *)counters + (uint64_t)(place - 1) * COUNTER_WORDS + COUNTER_GUARD / 2 + at;
    if (__builtin_expect(place > PLACES, 0)) atomic_fetch_add(sum, pages);
    else atomic_store_explicit(sum, atomic_load_explicit(sum, memory_order_relaxed) + pages, memory_order_release);
}

static COLD uint64_t first_token(void)
{
    return (atomic_fetch_add(&token_ranges, 1) + 1) << TOKEN_RANGE_SHIFT | 1;
}

static ALWAYS_INLINE uint64_t new_token(void)
{
    uint64_t token = next_token;
    if (__builtin_expect((token & ((UINT64_C(1) << TOKEN_RANGE_SHIFT) - 1)) == 0, 0)) token = first_token();
    next_token = token + 1;
    return token;
}

#endif
