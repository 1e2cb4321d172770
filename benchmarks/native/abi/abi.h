/* What the rows of this program have in common: how they are timed and printed. */
#ifndef FASTRMP_ABI_H
#define FASTRMP_ABI_H

#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fastrmp.h"

#define CALL __attribute__((noinline, noclone))
#define ROUNDS 41
#define COUNT 1024

struct work; /* each file has its own */

typedef uint64_t (*run)(struct work *work);

/* The rows of guests.c. */
void guests_and_devices(void);

static inline void require(int holds, const char *what)
{
    char text[256];
    if (holds) return;
    frmp_last_error(text, sizeof text);
    fprintf(stderr, "abi: %s: %s\n", what, text);
    exit(1);
}

static inline double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static inline void *zeroed(uint64_t bytes)
{
    void *memory = aligned_alloc(4096, bytes);
    if (memory == NULL) exit(1);
    return memset(memory, 0, bytes);
}

static inline frmp_table open_table(void *storage, uint64_t bytes)
{
    struct frmp_table_config config = { .size = sizeof config, .rmp_base = 0x40000000, .processor = { .preset = FRMP_GENOA } };
    config.rmp_end = config.rmp_base + bytes - 1;
    frmp_table table;
    require(frmp_table_create(&config, storage, bytes, &table) == FRMP_OK, "frmp_table_create");
    return table;
}

static inline uint64_t random_number(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

static inline int by_size(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static inline double once(run side, struct work *work, int repeats, int calls, uint64_t *sum)
{
    double begun = now();
    for (int i = 0; i < repeats; i++) *sum = side(work);
    return (now() - begun) / repeats / calls;
}

static inline void row(const char *name, run library, run c, struct work *work, int calls)
{
    double of_library[ROUNDS], of_c[ROUNDS];
    uint64_t first = 0, second = 0;
    int repeats = (int)(5e5 / (once(c, work, 10, calls, &second) * calls)) + 1;
    (void)once(library, work, repeats, calls, &first);
    require(first == second, name); /* both answer the same */
    for (int i = 0; i < ROUNDS; i++)
    {
        of_library[i] = once(library, work, repeats, calls, &first);
        of_c[i] = once(c, work, repeats, calls, &second);
    }

    qsort(of_library, ROUNDS, sizeof(double), by_size);
    qsort(of_c, ROUNDS, sizeof(double), by_size);
    printf("%s\t%.2f\t%.2f\n", name, of_library[ROUNDS / 2], of_c[ROUNDS / 2]);
}

#endif
