// A page walk with the RMP's check: the tables are in the caller's RAM.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "fastrmp.h"

namespace
{
constexpr std::uint64_t RamBytes = 16 << 20;
constexpr std::uint64_t PresentWritable = 3;

void require(std::int32_t code)
{
    char text[256];
    if (code == FRMP_OK) return;
    frmp_last_error(text, sizeof text);
    std::fprintf(stderr, "error %d: %s\n", static_cast<int>(code), text);
    std::exit(1);
}

void *pages(std::uint64_t bytes)
{
    void *memory = std::aligned_alloc(4096, bytes);
    if (memory == nullptr) std::exit(1);
    return std::memset(memory, 0, bytes);
}
}

int main()
{
    require(frmp_init(FRMP_ABI_VERSION));
    auto *ram = static_cast<std::uint64_t *>(pages(RamBytes));
    const frmp_segment segment = { 0, RamBytes, ram };
    frmp_memory memory;
    require(frmp_memory_create(&segment, 1, &memory));

    // One page: virtual 0x7000 is physical 0x5000, by four tables from 0x1000 on.
    for (std::uint64_t table = 1; table < 4; table++) ram[table * 512] = (table + 1) << 12 | PresentWritable;
    ram[4 * 512 + 7] = 0x5000 | PresentWritable;

    frmp_table_config config{};
    config.size = sizeof config;
    config.rmp_base = RamBytes;
    config.rmp_end = RamBytes + FRMP_BOOKKEEPING_BYTES + (RamBytes >> FRMP_PAGE_SHIFT_4K) * 16 - 1;
    config.processor.preset = FRMP_GENOA;
    std::uint64_t bytes;
    require(frmp_table_bytes(&config, &bytes));
    void *storage = pages(bytes);
    frmp_table rmp;
    require(frmp_table_create(&config, storage, bytes, &rmp));

    frmp_paging_registers registers{};
    registers.size = sizeof registers;
    registers.cr0 = 0x80010001; // PG, WP, PE
    registers.cr3 = 0x1000;
    registers.cr4 = 0x20;   // PAE
    registers.efer = 0xD00; // NXE, LMA, LME
    registers.processor.preset = FRMP_GENOA;
    frmp_paging paging;
    require(frmp_paging_init(&paging, &registers));

    frmp_walk_result result;
    require(frmp_walk(memory, &paging, rmp, 0x7123, FRMP_ACCESS_WRITE, &result));
    std::printf("write: status %u, address 0x%llx\n", result.status, static_cast<unsigned long long>(result.address));
    const std::uint64_t guest_page[2] = { 0x1000, FRMP_RMPUPDATE_ASSIGNED | std::uint64_t{ 5 } << FRMP_RMPUPDATE_ASID_SHIFT };
    const frmp_word word = frmp_rmpupdate(rmp, FRMP_CPU_HOST, 0x5000, guest_page);
    std::printf("RMPUPDATE: EAX %u\n", FRMP_STATUS_OF(word));
    require(frmp_walk(memory, &paging, rmp, 0x7123, FRMP_ACCESS_WRITE, &result));
    std::printf("write: status %u, error code 0x%x\n", result.status, result.error_code);

    const std::uint64_t addresses[3] = { 0x7000, 0x8000, 0x7FFF };
    frmp_walk_result results[3];
    require(frmp_walk_array(memory, &paging, rmp, addresses, 3, FRMP_ACCESS_READ, results));
    for (const auto &one : results)
    {
        std::printf("read: status %u, address 0x%llx\n", one.status, static_cast<unsigned long long>(one.address));
    }

    require(frmp_destroy(memory));
    require(frmp_destroy(rmp));
    std::free(storage);
    std::free(ram);
}
