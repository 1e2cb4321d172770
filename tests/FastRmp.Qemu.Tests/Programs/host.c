// As much of QEMU as the published plugin calls, and two processors that execute single instructions:
//
//   host PLUGIN RAM REPORT [OPTION...]
//
// loads PLUGIN, installs it with the options, and, if it takes them, executes what a kernel does until its direct map is split. Exit code 0 if
// every instruction ended as it has to, 1 if one did not, 2 if the plugin refused its options. The interface is that of QEMU
// include/plugins/qemu-plugin.h, version 7.
#include <dlfcn.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define RAM_BYTES (64ul << 20)
#define DIRECT 0xFFFF888000000000ul
#define RIP 0xFFFFFFFF81000100ul

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15, REG_RIP, EFLAGS, CS, SS, CR0, CR2, CR3, CR4, EFER,
       FS_BASE, GS_BASE, REGISTERS };
static const char *const names[REGISTERS] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
    "r13", "r14", "r15", "rip", "eflags", "cs", "ss", "cr0", "cr2", "cr3", "cr4", "efer", "fs_base",
    "gs_base" };

struct bytes { uint8_t *data; unsigned length; };
struct list { void *data; unsigned length; };
struct descriptor { void *handle; const char *name, *feature; bool read_only; };
struct entry { void *scores; size_t offset; };
typedef void on_processor(unsigned, void *);
typedef void on_block(void *, void *);
typedef void on_exit_(void *);
typedef void on_instruction(unsigned, void *);
typedef void on_memory(unsigned, unsigned, uint64_t, void *);
typedef void on_discontinuity(unsigned, int, uint64_t, uint64_t, void *);

// A callback with an entry is called if the processor's is not the number.
struct instruction
{
    uint8_t bytes[16];
    size_t length;
    uint64_t address;
    on_instruction *callbacks[8];
    void *data[8];
    struct entry entries[8];
    uint64_t numbers[8];
    unsigned count;
};

struct block { struct instruction instructions[2]; size_t count; };

static uint64_t registers[2][REGISTERS];
static unsigned current;
static jmp_buf loop;
static on_processor *processor_callback;
static on_block *block_callback;
static on_exit_ *exit_callback;
static on_discontinuity *discontinuity_callback;
static void *processor_data, *block_data, *exit_data, *discontinuity_data;
static uint8_t code[64]; // what is at RIP - 16
static uint8_t *ram;
static int failures;

EXPORT struct bytes *g_byte_array_new(void) { return calloc(1, sizeof(struct bytes)); }
EXPORT struct bytes *g_byte_array_set_size(struct bytes *array, unsigned length)
{
    array->data = realloc(array->data, length + 1);
    array->length = length;
    return array;
}

EXPORT void qemu_plugin_register_vcpu_init_cb(uint64_t id, on_processor *callback, void *data)
{
    (void)id;
    processor_callback = callback;
    processor_data = data;
}

EXPORT void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, on_block *callback, void *data)
{
    (void)id;
    block_callback = callback;
    block_data = data;
}

EXPORT void qemu_plugin_register_atexit_cb(uint64_t id, on_exit_ *callback, void *data)
{
    (void)id;
    exit_callback = callback;
    exit_data = data;
}

EXPORT void qemu_plugin_register_vcpu_discon_cb(uint64_t id, int kinds, on_discontinuity *callback, void *data)
{
    (void)id, (void)kinds;
    discontinuity_callback = callback;
    discontinuity_data = data;
}

EXPORT size_t qemu_plugin_tb_n_insns(struct block *block) { return block->count; }
EXPORT void *qemu_plugin_tb_get_insn(struct block *block, size_t index) { return &block->instructions[index]; }
EXPORT uint64_t qemu_plugin_insn_vaddr(struct instruction *one) { return one->address; }
EXPORT void *qemu_plugin_insn_haddr(struct instruction *one) { return code + 16 + (one->address - RIP); }
EXPORT size_t qemu_plugin_insn_data(struct instruction *one, void *to, size_t length)
{
    size_t count = length < one->length ? length : one->length;
    memcpy(to, one->bytes, count);
    return count;
}

EXPORT void qemu_plugin_register_vcpu_insn_exec_cb(struct instruction *one, on_instruction *callback, int flags, void *data)
{
    (void)flags;
    one->callbacks[one->count] = callback;
    one->data[one->count++] = data;
}

EXPORT void qemu_plugin_register_vcpu_insn_exec_cond_cb(
    struct instruction *one, on_instruction *callback, int flags, int condition, struct entry entry, uint64_t number, void *data)
{
    (void)condition; // there is one that is used
    one->entries[one->count] = entry;
    one->numbers[one->count] = number;
    qemu_plugin_register_vcpu_insn_exec_cb(one, callback, flags, data);
}

EXPORT void qemu_plugin_register_vcpu_mem_cb(struct instruction *one, on_memory *callback, int flags, int kinds, void *data)
{
    (void)one, (void)callback, (void)flags, (void)kinds, (void)data;
}

// One scoreboard, a row of numbers for each processor.
static size_t row;
EXPORT void *qemu_plugin_scoreboard_new(size_t bytes) { return calloc(2, row = bytes); }
static char *score(struct entry entry, unsigned processor) { return (char *)entry.scores + processor * row + entry.offset; }
EXPORT void qemu_plugin_u64_set(struct entry entry, unsigned processor, uint64_t value)
{
    memcpy(score(entry, processor), &value, sizeof value);
}

EXPORT unsigned qemu_plugin_mem_size_shift(unsigned access) { return access & 3; }
EXPORT void *qemu_plugin_get_hwaddr(unsigned access, uint64_t address) { (void)access, (void)address; return NULL; }
EXPORT bool qemu_plugin_hwaddr_is_io(void *place) { (void)place; return false; }
EXPORT uint64_t qemu_plugin_hwaddr_phys_addr(void *place) { return (uint64_t)place; }

EXPORT struct list *qemu_plugin_get_registers(void)
{
    static struct descriptor all[REGISTERS];
    static struct list list = { all, REGISTERS };
    for (uintptr_t i = 0; i < REGISTERS; i++) all[i] = (struct descriptor) { (void *)(i + 1), names[i], "", false };
    return &list;
}

EXPORT bool qemu_plugin_read_register(void *handle, struct bytes *to)
{
    g_byte_array_set_size(to, sizeof(uint64_t));
    memcpy(to->data, &registers[current][(uintptr_t)handle - 1], sizeof(uint64_t));
    return true;
}

EXPORT bool qemu_plugin_write_register(void *handle, struct bytes *from)
{
    uint64_t value = 0;
    memcpy(&value, from->data, from->length < sizeof value ? from->length : sizeof value);
    registers[current][(uintptr_t)handle - 1] = value;
    return true;
}

static bool hasOtherRam;
EXPORT int qemu_plugin_read_memory_hwaddr(uint64_t address, struct bytes *to, size_t length)
{
    if (address + length > RAM_BYTES) return 1;
    g_byte_array_set_size(to, length);
    memcpy(to->data, ram + address, length);
    if (hasOtherRam) to->data[0] ^= 1;
    return 0;
}

EXPORT int qemu_plugin_write_memory_hwaddr(uint64_t address, struct bytes *from) { (void)address, (void)from; return 1; }

// Does not return, as in QEMU: it leaves the callback and whatever called it.
EXPORT void qemu_plugin_set_pc(uint64_t value)
{
    registers[current][REG_RIP] = value;
    longjmp(loop, 1);
}

// What the emulator makes of CPUID, RDMSR and IN.
static void emulate(unsigned processor)
{
    for (int i = RAX; i <= RBX; i++) registers[processor][i] = 0xE00;
}

// Translates and executes one instruction, or with a NOP behind it. Whether the plugin sent the processor elsewhere.
static bool run_at(uint64_t address, unsigned processor, const char *bytes, size_t length, bool isFollowed, bool isEmulated)
{
    struct block block = { .instructions = { { .length = length, .address = address },
                               { .bytes = { 0x90 }, .length = 1, .address = address + length } },
        .count = isFollowed ? 2 : 1 };
    memcpy(block.instructions[0].bytes, bytes, length);
    memcpy(code + 16 + (address - RIP), bytes, length);
    current = processor;
    registers[processor][REG_RIP] = address;
    block_callback(&block, block_data);
    if (setjmp(loop)) return true;
    for (size_t n = 0; n < block.count; n++)
    {
        struct instruction *one = &block.instructions[n];
        for (unsigned i = 0; i < one->count; i++)
        {
            uint64_t value = 0;
            if (one->entries[i].scores)
            {
                memcpy(&value, score(one->entries[i], processor), sizeof value);
                if (value == one->numbers[i]) continue;
            }

            one->callbacks[i](processor, one->data[i]);
        }

        if (isEmulated && n == 0) emulate(processor);
    }

    return false;
}

static bool run(unsigned processor, const char *bytes, size_t length, bool isFollowed, bool isEmulated)
{
    return run_at(RIP, processor, bytes, length, isFollowed, isEmulated);
}

static bool execute(unsigned processor, const char *bytes, size_t length) { return run(processor, bytes, length, false, false); }

// The last of its block: the next one begins with a NOP.
static bool execute_last(unsigned processor, const char *bytes, size_t length)
{
    return run(processor, bytes, length, false, true) || run_at(RIP + length, processor, "\x90", 1, false, false);
}

#define EXECUTE(processor, bytes) execute(processor, bytes, sizeof(bytes) - 1)
#define EXECUTE_FOLLOWED(processor, bytes) run(processor, bytes, sizeof(bytes) - 1, true, true)
#define EXECUTE_LAST(processor, bytes) execute_last(processor, bytes, sizeof(bytes) - 1)

static void expect(bool is, const char *what)
{
    if (is) return;
    printf("failed: %s\n", what);
    failures++;
}

static void poke(uint64_t address, uint64_t value) { memcpy(ram + address, &value, sizeof value); }

static void print(unsigned processor, const char *text)
{
    for (; *text; text++)
    {
        registers[processor][RDX] = 0x3F8;
        registers[processor][RAX] = (uint8_t)*text;
        expect(!EXECUTE(processor, "\xEE"), "OUT to the console is the emulator's");
    }
}

static void start(unsigned processor)
{
    uint64_t *r = registers[processor];
    r[CR0] = 0x80010001;
    r[CR3] = 0x1000;
    r[CR4] = 0xA0;
    r[EFER] = 0xD01;
    r[CS] = 0x10;
    r[SS] = 0x18;
    current = processor;
    processor_callback(processor, processor_data);
}

int main(int count, char **arguments)
{
    char options[2][512];
    char *all[16] = { options[0], options[1] };
    int given = 2;
    if (count < 4) return 3;
    int file = open(arguments[2], O_RDWR | O_CREAT, 0600);
    if (file < 0 || ftruncate(file, RAM_BYTES)) return 3;
    ram = mmap(NULL, RAM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (ram == MAP_FAILED) return 3;
    poke(0x1000 + 0x111 * 8, 0x2063);
    poke(0x2000, 0x3063);
    for (uint64_t i = 0; i < RAM_BYTES >> 21; i++) poke(0x3000 + i * 8, i << 21 | 0x1E3);
    void *plugin = dlopen(arguments[1], RTLD_NOW);
    if (!plugin)
    {
        puts(dlerror());
        return 3;
    }

    int *version = dlsym(plugin, "qemu_plugin_version");
    int (*install)(uint64_t, const void *, int, char **) = (int (*)(uint64_t, const void *, int, char **))dlsym(plugin, "qemu_plugin_install");
    expect(version && *version == 7, "the version");
    snprintf(options[0], sizeof options[0], "ram=%s", arguments[2]);
    snprintf(options[1], sizeof options[1], "report=%s", arguments[3]);
    for (int i = 4; i < count && given < 16; i++)
    {
        if (!strcmp(arguments[i], "other-ram")) hasOtherRam = true;
        else all[given++] = arguments[i];
    }

    if (!install || install(1, NULL, given, all)) return 2;

    start(0);
    start(1);
    registers[0][RAX] = 0x8000001F;
    registers[0][CS] = 0x13;
    registers[0][SS] = 0x1B;
    expect(!EXECUTE_LAST(0, "\x0F\xA2") && (registers[0][RAX] & 0x10) && registers[0][RBX] != 0xE00, "CPUID says SNP to a program");
    registers[0][CS] = 0x10;
    registers[0][SS] = 0x18;
    registers[0][RAX] = 0x8000001F;
    expect(!EXECUTE_LAST(0, "\x0F\xA2") && (registers[0][RAX] & 0x10) && registers[0][RBX] != 0xE00, "CPUID is corrected in the next block");
    registers[0][RAX] = 0xE00;
    expect(!run_at(RIP + 2, 0, "\x90", 1, false, false) && registers[0][RAX] == 0xE00, "and only once");
    for (int kind = 1; kind <= 2; kind++)
    {
        registers[0][RAX] = 0x8000001F;
        expect(!run(0, "\x0F\xA2", 2, false, true) && registers[0][RAX] == 0xE00, "the emulator's answer comes first");
        discontinuity_callback(0, kind, RIP + 2, RIP + 0x100, discontinuity_data);
        expect((registers[0][RAX] & 0x10) && registers[0][RBX] != 0xE00, "CPUID is corrected before a handler");
        registers[0][RAX] = 0xE00;
        expect(!run_at(RIP + 2, 0, "\x90", 1, false, false) && registers[0][RAX] == 0xE00, "and not once more");
    }

    registers[0][RAX] = 0;
    expect(!EXECUTE_LAST(0, "\x0F\xA2") && registers[0][RAX] == 0xE00, "another leaf is not, there");
    registers[0][RAX] = 0x8000001F;
    expect(!EXECUTE_FOLLOWED(0, "\x0F\xA2") && (registers[0][RAX] & 0x10) && registers[0][RBX] != 0xE00, "CPUID is corrected");
    registers[0][RAX] = 0;
    expect(!EXECUTE_FOLLOWED(0, "\x0F\xA2") && registers[0][RAX] == 0xE00, "another leaf's answer stays the emulator's");
    registers[0][RAX] = 0;
    expect(!EXECUTE(0, "\x0F\xA2"), "another leaf is the emulator's");
    expect(!EXECUTE(0, "\x90"), "NOP is the emulator's");
    registers[0][RCX] = 0x10;
    expect(!EXECUTE(0, "\x0F\x32"), "another MSR is the emulator's");
    for (unsigned i = 0; i < 2; i++)
    {
        registers[i][RCX] = 0xC0010010;
        expect(!EXECUTE_LAST(i, "\x0F\x32") && (registers[i][RAX] & 1 << 23), "RDMSR of SYSCFG");
        registers[i][RCX] = 0xC0010010;
        registers[i][RAX] |= 1 << 24;
        expect(!EXECUTE(i, "\x0F\x30"), "WRMSR of SYSCFG is the emulator's, too");
        expect(!EXECUTE_FOLLOWED(i, "\x0F\x32") && (registers[i][RAX] & 1 << 24) && registers[i][RCX] == 0xE00, "SNP_EN");
        registers[i][RCX] = 0xC0010010;
    }

    print(0, "direct_map_level2_splits 3\r\n");
    for (uint64_t i = 0; i < 512; i++) poke(0x200000 + i * 8, 5ul << 21 | i << 12 | 0x163);
    poke(0x3000 + 5 * 8, 0x200063);
    registers[1][RAX] = registers[1][CR4] ^ 0x80;
    expect(!EXECUTE(1, "\x0F\x22\xE0"), "MOV to CR4 is the emulator's");
    print(1, "direct_map_level2_splits 4\r\n");
    exit_callback(exit_data);
    return failures != 0;
}
