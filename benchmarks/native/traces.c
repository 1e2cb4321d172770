/* What a trace costs that is read and of which nothing is understood: the least that its reader can cost with one thread. */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fastrmp_bench.h"

enum { BUFFER_BYTES = 256 * 1024 };

static _Alignas(64) char buffer[BUFFER_BYTES];

EXPORT uint64_t trace_lines(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    uint64_t lines = 0;
    ssize_t count;

    if (file < 0)
        return 0;
    while ((count = read(file, buffer, sizeof buffer)) > 0) {
        const char *at = buffer;
        const char *end = buffer + count;

        while ((at = memchr(at, '\n', (size_t)(end - at)))) {
            lines++;
            at++;
        }
    }
    close(file);
    return lines;
}

EXPORT uint64_t trace_units(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    uint64_t sum = 0;
    ssize_t count;

    if (file < 0)
        return 0;
    while ((count = read(file, buffer, sizeof buffer)) > 0) {
        for (ssize_t at = 0; at + 16 <= count; at += 16) {
            uint64_t unit[2];

            memcpy(unit, buffer + at, sizeof unit);
            sum += (unit[0] >> 24) + (unit[1] & 0xFFFFFF);
        }
    }
    close(file);
    return sum;
}
