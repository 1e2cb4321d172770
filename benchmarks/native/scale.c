/* What one of several threads does: RMPUPDATE in pairs, assign and release, repeated while somebody else is in the way, and reads beside
 * them. */
#include <sched.h>

#include "host_reads.h"
#include "rmpupdate.h"

#define SPINS 10 /* before the thread gives up its processor, as the library's loop does */
#define LONGEST_SPIN 6

static COLD void spin(int attempt)
{
    if (attempt >= SPINS)
    {
        sched_yield();
        return;
    }

    int pauses = 1 << (attempt < LONGEST_SPIN ? attempt : LONGEST_SPIN);
    for (int i = 0; i < pauses; i++)
    {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("isb");
#endif
    }
}

static ALWAYS_INLINE uint64_t retried(const struct rmp_table *table, const struct rmp_processor *processor, uint64_t page,
                                      const struct rmp_operand *operand)
{
    int code = update(table, false, processor, page, operand);
    for (int attempt = 0; (code & RMP_CONTENDED) != 0; attempt++)
    {
        spin(attempt);
        code = update(table, false, processor, page, operand);
    }

    return (uint64_t)code;
}

EXPORT uint64_t scale_retried(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                              const struct rmp_operand *assign, const struct rmp_operand *release_operand, uint64_t iterations)
{
    uint64_t codes = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        codes += retried(table, processor, pages[i], assign);
        codes += retried(table, processor, pages[i], release_operand);
    }

    return codes;
}

/* After each pair the checks of some host writes to other pages; the pages of either are a power of two. The sum of codes and of what was
 * read. */
EXPORT uint64_t scale_checks(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                             const struct rmp_operand *assign, const struct rmp_operand *release_operand, uint64_t iterations,
                             const uint64_t *others, uint64_t checks)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        sum += retried(table, processor, pages[i], assign);
        sum += retried(table, processor, pages[i], release_operand);
        for (uint64_t j = 0; j < checks; j++)
        {
            sum += check_host(table, true, others[(i * checks + j) & (iterations - 1)], (j & 1) != 0, false);
        }
    }

    return sum;
}

/* After each pair an RMPREAD of some other pages. */
EXPORT uint64_t scale_reads(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                            const struct rmp_operand *assign, const struct rmp_operand *release_operand, uint64_t iterations,
                            const uint64_t *others, uint64_t reads)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        sum += retried(table, processor, pages[i], assign);
        sum += retried(table, processor, pages[i], release_operand);
        for (uint64_t j = 0; j < reads; j++)
        {
            struct entry output;
            sum += (uint64_t)rmpread(table, processor, others[(i * reads + j) & (iterations - 1)], &output);
            sum += output.low + output.high;
        }
    }

    return sum;
}
