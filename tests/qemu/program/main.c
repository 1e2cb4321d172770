/* Holds the plugin to what the manual says, from inside: the flags after each instruction of SNP, the faults of those instructions, what a
 * program and an ordinary guest must not reach, and, where they are prevented, stores that the RMP forbids. The judge of a forbidden store is the emulator: the same store to the same page,
 * made read-only, faults in the emulator itself, and everything but the RMP bit of the error code has to be the same. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

struct frame
{
    u64 rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15, vector, error, rip, cs, flags, rsp, ss;
};
struct test_case { const char *name; u8 *code; u64 length; };

extern struct test_case cases[], stores[], pushes[], cases_end[];
extern u8 entries[], tss[];
extern u64 gdt[], alias2[], level2[];
void enter(const struct frame *);
_Noreturn void leave(void);
_Noreturn void finish(int);

enum
{
    PRESENT = 1, WRITE = 2, USER = 4, ACCESSED = 0x20, DIRTY = 0x40, LARGE = 0x80,
    CARRY = 1, PARITY = 4, AUXILIARY = 0x10, ZERO = 0x40, SIGN = 0x80, IF = 0x200, DF = 0x400, OVERFLOW = 0x800, RF = 0x10000,
    ARITHMETIC = CARRY | PARITY | AUXILIARY | ZERO | SIGN | OVERFLOW,
};
#define REGION 0x2000000ul
#define PAGE (REGION + 0x5000)
#define BUFFER 0x1C00000ul
#define ALIAS 0x8000000000ul
#define RMP_BIT 0x80000000ul

static struct { u16 low, selector; u8 stack, type; u16 middle; u32 high, zero; } idt[256] __attribute__((aligned(16)));
static u64 tables[512] __attribute__((aligned(4096)));
static u8 stack0[16384], stack1[16384], case_stack[16384] __attribute__((aligned(16)));
static struct frame fault, after;
static u64 fault_address;
static u8 fault_memory[3 * 4096];
static volatile u64 ticks;
static int faults, failures, checks;
static void (*mend)(void); /* what the handler of an expected page fault does before it returns */

/* By string instructions: every other store costs a look at the RMP. */
void *memcpy(void *to, const void *from, u64 n)
{
    void *t = to;
    u64 quads = n / 8, bytes = n % 8;
    __asm__ volatile("rep movsq; mov %3, %2; rep movsb" : "+D"(t), "+S"(from), "+c"(quads) : "r"(bytes) : "memory");
    return to;
}

static int same(const void *a, const void *b, u64 n)
{
    const u64 *x = a, *y = b;
    for (n /= 8; n; n--) if (*x++ != *y++) return 0;
    return 1;
}

static void out(u16 port, u8 value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }
static void out32(u16 port, u32 value) { __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port)); }
static u32 in32(u16 port) { u32 v; __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port)); return v; }
static u64 rdmsr(u32 n) { u32 a, d; __asm__ volatile("rdmsr" : "=a"(a), "=d"(d) : "c"(n)); return a | (u64)d << 32; }
static void wrmsr(u32 n, u64 v) { __asm__ volatile("wrmsr" : : "c"(n), "a"((u32)v), "d"((u32)(v >> 32)) : "memory"); }
static u64 cr2(void) { u64 v; __asm__ volatile("mov %%cr2, %0" : "=r"(v)); return v; }
static u64 cr3(void) { u64 v; __asm__ volatile("mov %%cr3, %0" : "=r"(v)); return v; }
static void flush(u64 address) { __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory"); }
static u64 time(void) { u32 a, d; __asm__ volatile("rdtsc" : "=a"(a), "=d"(d)); return a | (u64)d << 32; }

static void say(const char *text) { for (; *text; text++) out(0x3F8, *text); }
static void number(u64 v)
{
    char b[17], *p = b + 16;
    *p = 0;
    do *--p = "0123456789abcdef"[v & 15]; while (v >>= 4);
    say(p);
}
static void decimal(u64 v)
{
    char b[21], *p = b + 20;
    *p = 0;
    do *--p = '0' + v % 10; while (v /= 10);
    say(p);
}

static __attribute__((noinline)) void fail(const char *name, const char *what, u64 got, u64 wanted)
{
    if (failures++ > 40) return;
    say("failed: "); say(name); say(" "); say(what); say(" 0x"); number(got); say(", not 0x"); number(wanted); say("\n");
}

static inline __attribute__((always_inline)) void expect(const char *name, const char *what, u64 got, u64 wanted)
{
    checks++;
    if (got != wanted) fail(name, what, got, wanted);
}

static u32 rmpupdate(u64 page, u64 gpa, u64 flags)
{
    u64 operand[2] = { gpa, flags };
    __asm__ volatile(".byte 0xF2, 0x0F, 0x01, 0xFE" : "+a"(page) : "c"(operand) : "memory", "cc");
    return (u32)page;
}
static u64 assign(u64 asid, int large) { return 1 | (large ? 2 : 0) | asid << 32; }

void handle(struct frame *f)
{
    switch (f->vector)
    {
    case 0x20:
        ticks++;
        out(0x20, 0x20);
        return;
    case 0x27: /* spurious: the timer's was withdrawn before the processor asked for its number */
        return;
    case 3:
        after = *f;
        leave();
    case 14:
        if (mend && faults < 8)
        {
            if (!faults)
            {
                fault = *f;
                fault_address = cr2();
                memcpy(fault_memory, (void *)(PAGE - 4096), sizeof fault_memory);
            }

            faults++;
            mend();
            return;
        }
        /* fall through */
    default:
        fault = *f;
        fault_address = cr2();
        faults++;
        leave();
    }
}

static void gate(int vector, int stack, int level)
{
    u64 handler = (u64)entries + 16 * vector;
    idt[vector].low = handler;
    idt[vector].selector = 8;
    idt[vector].stack = stack;
    idt[vector].type = 0x8E | level << 5;
    idt[vector].middle = handler >> 16;
    idt[vector].high = handler >> 32;
}

static void set_up(void)
{
    for (int i = 0; i < 64; i++) gate(i, 0, i == 3 ? 3 : 0);
    struct { u16 limit; u64 base; } __attribute__((packed)) pointer = { sizeof idt - 1, (u64)idt };
    __asm__ volatile("lidt %0" : : "m"(pointer));
    u64 base = (u64)tss;
    *(u64 *)(tss + 4) = (u64)stack0 + sizeof stack0;
    *(u64 *)(tss + 36) = (u64)stack1 + sizeof stack1;
    gdt[5] = 0x0000890000000067 | (base & 0xFFFFFF) << 16 | (base >> 24 & 0xFF) << 56;
    gdt[6] = base >> 32;
    __asm__ volatile("ltr %w0" : : "r"(0x28));
    u64 pages = REGION;
    for (int i = 0; i < 512; i++, pages += 4096) tables[i] = pages | DIRTY | ACCESSED | USER | WRITE | PRESENT;
    alias2[REGION >> 21] = (u64)tables | 0x67;
    wrmsr(0xC0000101, 0x1000); /* GS */
    out(0x20, 0x11); out(0x21, 0x20); out(0x21, 4); out(0x21, 1); out(0x21, 0xFE); /* interrupts from 0x20 on, of the timer only */
    out(0xA0, 0x11); out(0xA1, 0x28); out(0xA1, 2); out(0xA1, 1); out(0xA1, 0xFF);
    out(0x43, 0x34); out(0x40, 0xA9); out(0x40, 4); /* 1 kHz */
    u64 values[] = { 0x1122334455667788, 0x99AABBCCDDEEFF00, 0xFEDCBA9876543210, 0x0F1E2D3C4B5A6978, 0x8000800080008000, 0x0080008000800080 };
    __asm__ volatile("movups (%0), %%xmm0; movups 16(%0), %%xmm1; movups 32(%0), %%xmm2; fninit" : : "r"(values) : "memory");
}

/* The functions of a device are found by what is written to the ports: so its memory is written where it is already. */
static void show_device(void)
{
    u32 slot = 0x80000000u | 0x10 << 11;
    for (u32 i = 0x10; i <= 0x24; i += 4)
    {
        out32(0xCF8, slot | i);
        u32 value = in32(0xCFC);
        out32(0xCFC, value);
    }

    out32(0xCF8, slot | 4);
    out32(0xCFC, in32(0xCFC) | 2);
}

static u64 flags_of(u32 bits)
{
    return 2 | (bits & 1 ? CARRY : 0) | (bits & 2 ? PARITY : 0) | (bits & 4 ? AUXILIARY : 0) | (bits & 8 ? ZERO : 0)
        | (bits & 16 ? SIGN : 0) | (bits & 32 ? OVERFLOW : 0) | (bits & 64 ? DF : 0) | (bits & 128 ? IF : 0);
}

static struct frame begin(const struct test_case *c, u64 flags, int user)
{
    struct frame f = {
        0x1111111111111111, 0x22, 0x33, 0x44, BUFFER, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0, 0, (u64)c->code,
        user ? 0x23 : 8, flags, (u64)case_stack + sizeof case_stack - 64, user ? 0x1B : 0x10,
    };
    faults = 0;
    return f;
}

static void compare(const char *name, const struct frame *got, const struct frame *wanted)
{
    const u64 *g = (const u64 *)got, *w = (const u64 *)wanted;
    static const char *const names[] =
    {
        "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "vector", "error", "rip",
        "cs", "flags", "rsp", "ss",
    };
    for (int i = 0; i < 22; i++) expect(name, names[i], i == 19 ? g[i] & ~(u64)RF : g[i], i == 19 ? w[i] & ~(u64)RF : w[i]);
}

/* An instruction of SNP that ends: everything but RAX and the flags is as before. */
static void ends(const struct test_case *c, u64 rax, u64 rcx, u64 eax, int carry)
{
    for (u32 bits = 0; bits < 256; bits++)
    {
        struct frame f = begin(c, flags_of(bits), 0);
        f.rax = rax;
        f.rcx = rcx;
        enter(&f);
        struct frame wanted = f;
        wanted.rax = eax;
        wanted.vector = 3;
        wanted.error = 0;
        wanted.rip += c->length + 1;
        if (carry >= 0)
        {
            wanted.flags = (f.flags & ~(u64)CARRY) | carry;
            wanted.rax = rax;
        }
        else
        {
            int even = !(__builtin_popcount(eax & 255) & 1);
            wanted.flags = (f.flags & ~(u64)(ARITHMETIC & ~CARRY)) | (eax ? 0 : ZERO) | (even ? PARITY : 0);
        }

        expect(c->name, "faults", faults, 0);
        compare(c->name, &after, &wanted);
        /* Nothing has stayed in what later interrupts save. */
        u64 later;
        __asm__ volatile("xor %%eax, %%eax; inc %%eax; pushfq; pop %0" : "=r"(later) : : "rax", "cc", "memory");
        expect(c->name, "later flags", later & (ARITHMETIC | DF), 0);
    }
}

static void refused(const struct test_case *c, u64 rax, u64 rcx, int user, u64 vector, u64 error, u64 address)
{
    for (u32 bits = 0; bits < 256; bits++)
    {
        struct frame f = begin(c, flags_of(bits), user);
        f.rax = rax;
        f.rcx = rcx;
        enter(&f);
        struct frame wanted = f;
        wanted.vector = vector;
        wanted.error = error;
        expect(c->name, "faults", faults, 1);
        compare(c->name, &fault, &wanted);
        if (vector == 14) expect(c->name, "cr2", fault_address, address);
    }
}

static void instructions(int segmented)
{
    const struct test_case *c = cases;
    static u64 operand[2] __attribute__((aligned(16)));
    operand[0] = 0x12345000;
    operand[1] = assign(5, 0);
    for (int stack = 0; stack < 2; stack++)
    {
        gate(6, stack, 0); gate(13, stack, 0); gate(14, stack, 0);
        ends(c + 0, PAGE, (u64)operand, 0, -1);
        ends(c + 0, PAGE + 1, (u64)operand, 1, -1);
        ends(c + 0, 0x8000000000000, (u64)operand, 1, -1);
        ends(c + 1, PAGE, 0, 1, -1);
        if (segmented)
        {
            static u64 buffer[2] __attribute__((aligned(16)));
            ends(c + 2, PAGE, (u64)buffer, 0, -1);
            ends(c + 2, PAGE | 1ul << 60, (u64)buffer, 1, -1);
        }

        refused(c + 0, PAGE, (u64)operand, 1, 13, 0, 0);
        refused(c + 1, PAGE, 0, 1, 13, 0, 0);
        refused(c + 0, PAGE, 1ul << 60, 0, 13, 0, 0);
        refused(c + 0, PAGE, ALIAS + 0x40, 0, 14, 0, ALIAS + 0x40);
        refused(c + 3, PAGE, 0, 0, 6, 0, 0); /* there is no RMPOPT, or RMPOPT_BASE is not on */
        if (!segmented) refused(c + 2, PAGE, (u64)operand, 0, 6, 0, 0);
        struct test_case ud2 = { "ud2", (u8 *)"\x0F\x0B\xCC", 2 };
        refused(&ud2, 0, 0, 0, 6, 0, 0);
        refused(&ud2, 0, 0, 1, 6, 0, 0);
    }

    gate(6, 0, 0); gate(13, 0, 0); gate(14, 0, 0);
    rmpupdate(PAGE, 0, 0);
    if (!segmented) return;
    wrmsr(0xC0010139, 1);
    ends(c + 3, 0, 0, 0, 1);
    ends(c + 3, 0, 1, 0, 1);
    expect("rmpopt", "assign", rmpupdate(PAGE, 0x12345000, assign(5, 0)), 0);
    for (u32 bits = 0; bits < 128; bits++)
    {
        struct frame f = begin(c + 3, flags_of(bits), 0);
        f.rax = f.rcx = 0;
        enter(&f);
        expect("rmpopt", "cf of an assigned region", after.flags & ~(u64)RF, f.flags & ~(u64)CARRY);
    }

    rmpupdate(PAGE, 0, 0);
}

/* The flags after a comparison and an instruction that the plugin answers, in one block: the emulator has not put the flags of the comparison
 * together yet, and what it has are others, of POPFQ. */
#define AFTER(code) \
    __asm__ volatile("push %[before]; popfq; cmp %[y], %[x]; " code "; pushfq; pop %[got]" \
                     : [got] "=&r"(got), "+a"(rax), "+c"(rcx), "+d"(rdx) \
                     : [x] "r"(x), [y] "r"(y), [before] "r"(before) : "rbx", "cc", "memory")

static u64 after_comparison(int what, u64 x, u64 y, u64 before)
{
    u64 got, rax = 0x8000001F, rcx = 0xC0010010, rdx = 0xCFC, syscfg = rdmsr(0xC0010010);
    u32 slot = 0x80000000u | 0x10 << 11;
    switch (what)
    {
    case 0: AFTER("nop"); break;
    case 1: AFTER("cpuid"); expect("cpuid", "SNP", rax >> 4 & 1, 1); break;
    case 2: AFTER("rdmsr"); expect("rdmsr", "SYSCFG", (u32)rax | rdx << 32, syscfg); break;
    case 3:
        rax = (u32)syscfg;
        rdx = syscfg >> 32;
        AFTER("wrmsr");
        break;
    case 4:
        out32(0xCF8, slot);
        AFTER("inl %%dx, %%eax");
        expect("in", "identity", (u32)rax, 0x14861022);
        break;
    default:
        out32(0xCF8, slot | 0x44);
        rax = x;
        AFTER("outl %%eax, %%dx");
        expect("out", "what was written", in32(0xCFC), (u32)x);
        break;
    }

    return got & ~(u64)RF;
}

static void comparisons(void)
{
    static const char *const names[] = { "nop", "cpuid", "rdmsr", "wrmsr", "in", "out" };
    static const u64 values[] = { 0, 1, 2, 0x100, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF };
    for (int what = 1; what < 6; what++)
    {
        for (u32 i = 0; i < 49; i++)
        {
            for (u32 bits = 0; bits < 64; bits += 9)
            {
                u64 x = values[i % 7], y = values[i / 7];
                u64 got = after_comparison(what, x, y, flags_of(bits));
                expect(names[what], "flags", got, after_comparison(0, x, y, flags_of(bits)));
            }
        }
    }
}

static u64 *leaf;
static u64 leaf_address;
static void make_writable(void) { *leaf |= WRITE; flush(leaf_address); }
static void release(void) { rmpupdate(PAGE, 0, 0); }

static u64 pattern[2 * 3 * 512];
static void fill(void)
{
    u64 seed = 12345;
    if (!pattern[0]) for (u64 i = 0; i < sizeof pattern / 8; i++) pattern[i] = seed = seed * 6364136223846793005 + 1442695040888963407;
    memcpy((void *)(PAGE - 4096), pattern, sizeof pattern / 2);
    memcpy((void *)BUFFER, pattern + 3 * 512, sizeof pattern / 2);
}

/* One case: first to a read-only page, then to one that the RMP forbids. */
static void forbidden(const struct test_case *c, u64 address, u64 count, u64 flags, int user)
{
    struct frame f = begin(c, flags, user);
    f.rdi = address;
    f.rbx = address - 0x40;
    f.r9 = 0x7;
    f.r8 = address - 8 * f.r9;
    f.rcx = count;
    struct frame first, last;
    u64 first_address = 0;
    static u8 first_memory[3 * 4096], last_memory[3 * 4096];
    int count_of_faults = 0;
    for (int round = 0; round < 2; round++)
    {
        fill();
        if (round == 0)
        {
            *leaf &= ~(u64)WRITE;
            flush(leaf_address);
            mend = make_writable;
        }
        else
        {
            expect(c->name, "assign", rmpupdate(PAGE, 0x12345000, assign(5, 0)), 0);
            mend = release;
        }

        faults = 0;
        enter(&f);
        mend = 0;
        if (round == 0)
        {
            make_writable();
            first = fault;
            first_address = fault_address;
            memcpy(first_memory, fault_memory, sizeof fault_memory);
            memcpy(last_memory, (void *)(PAGE - 4096), sizeof last_memory);
            last = after;
            count_of_faults = faults;
            continue;
        }

        release();
        expect(c->name, user ? "faults in user mode" : "faults", faults, count_of_faults);
        compare(c->name, &after, &last);
        expect(c->name, "memory after", same(last_memory, (void *)(PAGE - 4096), sizeof last_memory), 1);
        if (!count_of_faults || !faults) continue;
        if (first.vector == 14) first.error |= RMP_BIT; /* not where the operand is not aligned */
        compare(c->name, &fault, &first);
        expect(c->name, "cr2", fault_address, first_address);
        expect(c->name, "memory at the fault", same(first_memory, fault_memory, sizeof first_memory), 1);
    }
}

static void all_stores(void)
{
    u64 before = cr3();
    for (int large = 0; large < 2; large++)
    {
        leaf = large ? &level2[REGION >> 21] : &tables[(PAGE - REGION) >> 12];
        u64 page = large ? PAGE : PAGE + ALIAS;
        leaf_address = page;
        for (const struct test_case *c = stores; c < cases_end; c++)
        {
            int is_push = c >= pushes;
            int here = c->name[3] == '_' && (c->name[4] == 'a' || c->name[4] == 'r'); /* mov_absolute, mov_addr32, mov_rip */
            here |= c->name[0] == 'm' && c->name[3] == 'a' && c->name[4] == 'b'; /* movabs */
            if (here && !large) continue;
            for (int user = 0; user < 2; user++)
            {
                if (is_push && !user) continue; /* the frame of the fault would go where it may not */
                for (u32 bits = 0; bits < 256; bits += 51)
                {
                    u64 flags = flags_of(bits);
                    if (c->name[0] == 'b' && c->name[1] == 'a') flags &= ~(u64)DF;
                    forbidden(c, page + 0x100, 5, flags, user);
                }

                for (int i = -80; i <= 16; i += 24)
                {
                    if (here) break;
                    forbidden(c, page + i + (is_push ? 16 : 0), 20, flags_of(2), user); /* over the page's first byte */
                    forbidden(c, page + 4096 + i - (i & 16 ? 4 : 0), 20, flags_of(2 | 128), user);
                    forbidden(c, page + 4096 + 64 + i, 20, flags_of(64), user); /* backwards */
                }

                forbidden(c, page + 0x100, 0, flags_of(0), user);
            }
        }
    }

    expect("cr3", "after all", cr3(), before);
}

static void timing(void)
{
    const int rounds = 5000;
    u64 start = time();
    for (int i = 0; i < rounds; i++)
    {
        rmpupdate(PAGE, 0x12345000, assign(5, 0));
        rmpupdate(PAGE, 0, 0);
    }

    say("cycles of an RMPUPDATE: ");
    decimal((time() - start) / (2 * rounds));
    say("\n");
    start = time();
    for (int i = 0; i < 100000; i++) __asm__ volatile("mov %0, (%1)" : : "r"(start), "r"(BUFFER) : "memory");
    say("cycles of a store, in thousandths: ");
    decimal((time() - start) / 100);
    say("\n");
}

/* What a program without I/O permission asks of the ports is refused, and changes nothing. */
static void ports(void)
{
    u32 slot = 0x80000000u | 0x10 << 11;
    struct test_case in = { "in", (u8 *)"\xED\x90\xCC", 2 }, out = { "out", (u8 *)"\xEF\x90\xCC", 2 };
    for (int level = 0; level < 4; level += 3) /* IOPL */
    {
        u64 flags = 2 | (u64)level << 12;
        out32(0xCF8, slot);
        struct frame f = begin(&in, flags, 1);
        f.rdx = 0xCFC;
        enter(&f);
        expect("in", level ? "faults of a program that may" : "faults of a program that may not", faults, level ? 0 : 1);
        expect("in", "rax", level ? after.rax : fault.rax, level ? 0x14861022 : f.rax);
        if (!level) expect("in", "vector", fault.vector, 13);
        out32(0xCF8, slot | 0x44);
        out32(0xCFC, 0x1234);
        f = begin(&out, flags, 1);
        f.rdx = 0xCFC;
        f.rax = 0x5678;
        enter(&f);
        expect("out", level ? "faults of a program that may" : "faults of a program that may not", faults, level ? 0 : 1);
        expect("out", "register", in32(0xCFC), level ? 0x5678 : 0x1234);
        out32(0xCFC, 0);
    }
}

/* Prefixes that change nothing, as kernels have them for fillers. */
static void prefixes(void)
{
    u64 syscfg = rdmsr(0xC0010010);
    u32 a, b, c = 0xC0010010, d;
    __asm__ volatile(".byte 0x3E; rdmsr" : "=a"(a), "=d"(d) : "c"(c));
    expect("rdmsr", "behind a prefix", a, (u32)syscfg);
    a = 0x8000001F, c = 0;
    __asm__ volatile(".byte 0x2E; cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    expect("cpuid", "behind a prefix", a >> 4 & 1, 1);
    __asm__ volatile(".byte 0x3E; wrmsr" : : "c"(0xC0010132), "a"(0), "d"(0) : "memory");
    expect("wrmsr", "behind a prefix", rdmsr(0xC0010132), 0);
}

/* Registers that are fixed while SNP is on. */
static void fixed(void)
{
    static const u32 numbers[] = { 0x250, 0x258, 0x26F, 0xC0010016, 0xC0010019, 0xC001001A, 0xC001001D, 0xC0010132, 0xC0010133 };
    struct test_case write = { "wrmsr", (u8 *)"\x0F\x30\xCC", 2 };
    for (u32 i = 0; i < sizeof numbers / 4; i++)
    {
        struct frame f = begin(&write, 2, 0);
        f.rcx = numbers[i];
        f.rax = f.rdx = 0;
        enter(&f);
        expect("wrmsr", "faults while SNP is on", faults, 1);
        expect("wrmsr", "vector", fault.vector, 13);
    }
}

/* IRETQs of programs are none that the kernel may execute. */
static void returns(void)
{
    static u64 operand[2] __attribute__((aligned(16))), to[5] __attribute__((aligned(16)));
    u8 *code = (u8 *)BUFFER;
    code[0xF00] = 0xCC;
    for (int i = 0; i < 20; i++)
    {
        code[i * 64] = 0x48;
        code[i * 64 + 1] = 0xCF;
        u64 frame[] = { BUFFER + 0xF00, 0x23, 2, (u64)case_stack + 8192, 0x1B };
        for (int j = 0; j < 5; j++) to[j] = frame[j];
        struct test_case c = { "iretq", code + i * 64, 2 };
        struct frame f = begin(&c, 2, 1);
        f.rsp = (u64)to;
        enter(&f);
        expect("iretq", "of a program: faults", faults, 0);
    }

    for (int i = 0; i < 20; i++) code[i * 64] = 0x90;
    operand[0] = 0x12345000;
    operand[1] = assign(5, 0);
    struct frame f = begin(cases, 2, 0);
    f.rax = PAGE;
    f.rcx = (u64)operand;
    enter(&f);
    expect("rmpupdate", "after IRETQs of programs: faults", faults, 0);
    release();
}

/* An ordinary guest: what it executes is its hypervisor's business, and the host's state is as before when it ends. */
static u8 vmcb[4096] __attribute__((aligned(4096))), saved[4096] __attribute__((aligned(4096)));
static u8 intercepts[8192] __attribute__((aligned(4096))), guest_stack[4096] __attribute__((aligned(16)));
u64 guest_level4[512] __attribute__((aligned(4096)));
static u64 guest_level3[512] __attribute__((aligned(4096))), guest_level2[2048] __attribute__((aligned(4096)));
extern u8 guest_cpuid[], guest_rdmsr[], guest_wrmsr[], guest_cr3[], run_guest[];
__asm__(
    ".text\n"
    "guest_cpuid: mov $0x8000001F, %eax; xor %ecx, %ecx; cpuid; nop; hlt\n"
    "guest_rdmsr: mov $0xC0010010, %ecx; rdmsr; nop; hlt\n"
    "guest_wrmsr: mov $0xC0010015, %ecx; mov $0x300001, %eax; xor %edx, %edx; wrmsr; nop; hlt\n"
    "guest_cr3: mov $guest_level4, %eax; mov %rax, %cr3; mov $1, %eax; cpuid; nop; hlt\n"
    "run_guest: vmrun %rax; mov $0xAAAA, %eax; mov $0xBBBB, %ebx; mov $0xCCCC, %ecx; mov $0xDDDD, %edx\n"
    "mov $100000, %edi; 1: dec %edi; jnz 1b; int3\n");

static void segment(int at, u16 selector, u16 attributes)
{
    *(u16 *)(vmcb + at) = selector;
    *(u16 *)(vmcb + at + 2) = attributes;
    *(u32 *)(vmcb + at + 4) = 0xFFFFFFFF;
}

static void guest(const char *name, u8 *code, u64 exit)
{
    u64 cr0, cr4;
    __asm__ volatile("mov %%cr0, %0; mov %%cr4, %1" : "=r"(cr0), "=r"(cr4));
    for (u32 i = 0; i < sizeof vmcb; i++) vmcb[i] = 0;
    for (u32 i = 0; i < sizeof intercepts; i++) intercepts[i] = 0xFF;
    *(u32 *)(vmcb + 0xC) = 1u << 28 | 1u << 24 | 1u << 18 | 1; /* MSRs, HLT, CPUID, interrupts */
    *(u32 *)(vmcb + 0x10) = 1; /* VMRUN */
    *(u64 *)(vmcb + 0x48) = (u64)intercepts;
    *(u32 *)(vmcb + 0x58) = 1; /* its ASID */
    segment(0x400, 0x10, 0xC93); segment(0x410, 8, 0xA9B); segment(0x420, 0x10, 0xC93); segment(0x430, 0x10, 0xC93);
    *(u32 *)(vmcb + 0x464) = 55; *(u64 *)(vmcb + 0x468) = (u64)gdt;
    *(u32 *)(vmcb + 0x484) = sizeof idt - 1; *(u64 *)(vmcb + 0x488) = (u64)idt;
    *(u64 *)(vmcb + 0x4D0) = rdmsr(0xC0000080);
    *(u64 *)(vmcb + 0x548) = cr4; *(u64 *)(vmcb + 0x550) = cr3(); *(u64 *)(vmcb + 0x558) = cr0;
    *(u64 *)(vmcb + 0x560) = 0x400; *(u64 *)(vmcb + 0x568) = 0xFFFF0FF0; *(u64 *)(vmcb + 0x570) = 2;
    *(u64 *)(vmcb + 0x578) = (u64)code; *(u64 *)(vmcb + 0x5D8) = (u64)guest_stack + sizeof guest_stack;
    struct test_case c = { name, run_guest, 1 };
    struct frame f = begin(&c, 2 | IF, 0);
    f.rax = (u64)vmcb;
    enter(&f);
    expect(name, "faults of the host", faults, 0);
    expect(name, "exit code", *(u64 *)(vmcb + 0x70), exit);
    expect(name, "rax of the host", after.rax, 0xAAAA);
    expect(name, "rbx of the host", after.rbx, 0xBBBB);
    expect(name, "rcx of the host", after.rcx, 0xCCCC);
    expect(name, "rdx of the host", after.rdx, 0xDDDD);
}

/* Whether a store beside an assigned page, in its mapping of 2 MiB, faults. */
static int is_prevented(void)
{
    struct test_case c = { "mov", (u8 *)"\x48\x89\x07\xCC", 3 };
    struct frame f = begin(&c, 2, 0);
    f.rdi = PAGE + 4096;
    enter(&f);
    if (faults) expect("mov", "error code", fault.error, RMP_BIT | 3);
    return faults;
}

static void guests(void)
{
    u64 hwcr = rdmsr(0xC0010015);
    wrmsr(0xC0000080, rdmsr(0xC0000080) | 0x1000);
    wrmsr(0xC0010117, (u64)saved);
    for (int i = 0; i < 2048; i++) guest_level2[i] = level2[i];
    guest_level2[REGION >> 21] = 0;
    for (int i = 0; i < 4; i++) guest_level3[i] = (u64)(guest_level2 + i * 512) | 0x67;
    guest_level4[0] = (u64)guest_level3 | 0x67;
    expect("guest", "assign", rmpupdate(PAGE, 0x12345000, assign(5, 0)), 0);
    int before = is_prevented();
    guest("a guest's CPUID", guest_cpuid, 0x72);
    guest("a guest's RDMSR", guest_rdmsr, 0x7C);
    guest("a guest's WRMSR", guest_wrmsr, 0x7C);
    expect("a guest's WRMSR", "HWCR of the host", rdmsr(0xC0010015), hwcr);
    guest("a guest's MOV to CR3", guest_cr3, 0x72);
    expect("a guest's MOV to CR3", "stores of the host prevented", is_prevented(), before);
    *(u64 *)(vmcb + 0x558) = 0; /* refused: #VMEXIT at once */
    struct test_case c = { "vmrun", run_guest, 1 };
    struct frame f = begin(&c, 2, 1);
    f.rax = (u64)vmcb;
    enter(&f);
    expect("vmrun", "faults of a program", faults, 1);
    expect("vmrun", "vector", fault.vector, 13);
    expect("vmrun", "SNP afterwards", rdmsr(0xC0010010) >> 24 & 1, 1);
    expect("vmrun", "stores prevented afterwards", is_prevented(), before);
    release();
}

/* A string instruction between two forbidden regions meets the one that it goes to. */
static void both_ways(void)
{
    expect("stos", "assign below", rmpupdate(PAGE, 0x12345000, assign(5, 0)), 0);
    expect("stos", "assign above", rmpupdate(PAGE + 0x400000, 0x12346000, assign(5, 0)), 0);
    struct test_case up = { "stos", (u8 *)"\xF3\x48\xAB\xCC", 3 }, down = { "stos", (u8 *)"\xFD\xF3\x48\xAB\xFC\xCC", 5 };
    for (int way = 0; way < 2; way++)
    {
        struct frame f = begin(way ? &down : &up, 2, 0);
        f.rdi = REGION + 0x300000;
        f.rcx = 0x50000;
        enter(&f);
        expect("stos", "faults", faults, 1);
        expect("stos", way ? "address, down" : "address, up", fault_address, way ? REGION + 0x1FFFF8 : REGION + 0x400000);
    }

    rmpupdate(PAGE + 0x400000, 0, 0);
    release();
}

void main(void)
{
    set_up();
    show_device();
    u32 leaf_number = 0x80000025, ignored;
    __asm__ volatile("cpuid" : "+a"(leaf_number), "=c"(ignored) : : "rbx", "rdx");
    int segmented = leaf_number != 0; /* else there is no RMP_CFG, no RMPREAD and no RMPOPT */
    u64 rmp = rdmsr(0xC0010132);
    prefixes();
    wrmsr(0xC0010132, rmp);
    wrmsr(0xC0010010, rdmsr(0xC0010010) | 1ul << 24);
    expect("snp", "on", rdmsr(0xC0010010) >> 24 & 1, 1);
    comparisons();
    instructions(segmented);
    ports();
    fixed();
    returns();
    guests();
    timing();
    /* Only where stores are prevented: the first one says whether they are. */
    leaf = &tables[(PAGE - REGION) >> 12];
    fill();
    rmpupdate(PAGE, 0x12345000, assign(5, 0));
    mend = release;
    struct frame f = begin(stores, flags_of(0), 0);
    f.rdi = PAGE + ALIAS;
    enter(&f);
    mend = 0;
    release();
    int isPrevented = faults;
    if (isPrevented)
    {
        all_stores();
        both_ways();
    }

    say(isPrevented ? "stores are prevented\n" : "stores are not prevented\n");
    expect("timer", "ticks", ticks != 0, 1);
    decimal(ticks); say(" interrupts\n");
    decimal(checks - failures); say(" passed, "); decimal(failures); say(" failed\n");
    finish(failures ? 1 : 0);
}
