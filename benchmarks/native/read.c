/* What memory gives: the same bytes read in one, two, four and eight streams, each a part of the whole, or of one piece of 1 MiB after the
 * other. The best of these is the limit that scans are held against. */
#include "scan.h"

#define PIECE (1 << 17) /* words of 1 MiB */

static ALWAYS_INLINE uint64_t fold(vector v)
{
    uint64_t all = 0;
    for (int i = 0; i < WORDS_PER_VECTOR; i++)
    {
        all |= v[i];
    }

    return all;
}

static ALWAYS_INLINE uint64_t read_in(const uint64_t *words, uint64_t count, const int streams)
{
    uint64_t part = count / streams;
    vector even = { 0 };
    vector odd = { 0 };
    for (uint64_t i = 0; i + STEP <= part; i += STEP)
    {
#pragma GCC unroll 8
        for (int stream = 0; stream < streams; stream++)
        {
            const vector *at = (const vector *)(words + stream * part + i);
            even |= at[0] | at[1];
            odd |= at[2] | at[3];
        }
    }

    return fold(even | odd);
}

static ALWAYS_INLINE uint64_t read_pieces(const uint64_t *words, uint64_t count, const int streams)
{
    uint64_t all = 0;
    for (uint64_t i = 0; i + PIECE <= count; i += PIECE)
    {
        all |= read_in(words + i, PIECE, streams);
    }

    return all;
}

/* Which: 0 to 3 for 1, 2, 4, 8 streams over the whole, 4 to 7 for as many in each piece. The count is a multiple of a piece. */
EXPORT uint64_t read_streams(const uint64_t *words, uint64_t count, uint64_t which)
{
    switch (which)
    {
        case 0: return read_in(words, count, 1);
        case 1: return read_in(words, count, 2);
        case 2: return read_in(words, count, 4);
        case 3: return read_in(words, count, 8);
        case 4: return read_pieces(words, count, 1);
        case 5: return read_pieces(words, count, 2);
        case 6: return read_pieces(words, count, 4);
        default: return read_pieces(words, count, 8);
    }
}
