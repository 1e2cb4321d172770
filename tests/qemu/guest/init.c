// The first process of a small guest: carries out the lines of /job, and turns the machine off. Static, without a C library, so that it is
// a few KiB and needs nothing but a compiler.
//
//   say TEXT            prints a line
//   show LABEL          prints the kernel's counters of its direct map, and again until nothing changed while they were printed
//   module FILE         loads a module, compressed or not, made for this kernel or not
//   remove NAME         unloads it
//   tell FILE TEXT      writes TEXT to a file
//   print FILE WORD     prints the lines of a file that have WORD in them
//   launch PAGES        creates an SNP guest through KVM, launches it and takes it down
//   sev COMMAND         gives a command to /dev/sev, with 64 zero bytes
//   kexec KERNEL INITRD COMMAND-LINE
//                       starts another kernel
//   sleep MILLISECONDS
//   wait                until a line comes from the console
//
// What compiles it, tests/qemu/common and "fastrmp host --demo", takes the flags from here:
// flags: -static -nostdlib -ffreestanding -fno-stack-protector -fno-pic -fno-asynchronous-unwind-tables
// flags: -fno-tree-loop-distribute-patterns -Os -Wall -Wextra -Werror -Wl,--build-id=none -s
//
// The structures and numbers of KVM are those of Linux include/uapi/linux/kvm.h and arch/x86/include/uapi/asm/kvm.h.
#include <asm/unistd.h>
#include <stddef.h>
#include <stdint.h>

#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define DRAIN 0x5409 // TCSBRK: waits until the terminal has sent all
#define FAILED(r) ((unsigned long)(r) > -4096ul)

static char text[1 << 16];
static char job[1 << 14];

void *memset(void *to, int byte, size_t count)
{
    char *p = to;
    while (count--) *p++ = (char)byte;
    return to;
}

void *memcpy(void *to, const void *from, size_t count)
{
    char *p = to;
    const char *q = from;
    while (count--) *p++ = *q++;
    return to;
}

static long call6(long number, long a, long b, long c, long d, long e, long f)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

#define CALL(n, a, b, c) call6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL4(n, a, b, c, d) call6(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

static size_t length(const char *s)
{
    size_t n = 0;
    while (s[n]) n++;
    return n;
}

// Whole lines are written at once, so that the kernel's own messages come between them.
static char out[4096];
static size_t filled;

static void put(const char *s)
{
    for (; *s; s++)
    {
        out[filled++] = *s;
        if (*s != '\n' && filled < sizeof out) continue;
        CALL(__NR_write, 1, out, filled);
        filled = 0;
    }
}

static void number(long value)
{
    char digits[24];
    int at = sizeof digits;
    unsigned long rest = value < 0 ? 0ul - (unsigned long)value : (unsigned long)value;
    digits[--at] = 0;
    do digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0) digits[--at] = '-';
    put(digits + at);
}

static void result(const char *what, long value)
{
    put("=== ");
    put(what);
    put(" -> ");
    number(value);
    put("\n");
}

// The numbers in it.
static long value(const char *s)
{
    long n = 0;
    while (*s >= '0' && *s <= '9') n = n * 10 + *s++ - '0';
    return n;
}

static int begins(const char *s, const char *with)
{
    while (*with)
    {
        if (*s++ != *with++) return 0;
    }

    return 1;
}

static int contains(const char *line, const char *word)
{
    for (; *line; line++)
    {
        if (begins(line, word)) return 1;
    }

    return 0;
}

// All of a file, as text.
static int read_all(const char *file)
{
    long from = CALL(__NR_open, file, O_RDONLY, 0);
    size_t done = 0;
    if (FAILED(from)) return 0;
    for (long n; done < sizeof text - 1 && (n = CALL(__NR_read, from, text + done, sizeof text - 1 - done)) > 0;) done += (size_t)n;
    text[done] = 0;
    CALL(__NR_close, from, 0, 0);
    return 1;
}

// The next line of a text; null at its end.
static char *next(char **rest)
{
    char *line = *rest;
    char *at = line;
    if (!*line) return NULL;
    while (*at && *at != '\n') at++;
    if (*at) *at++ = 0;
    *rest = at;
    return line;
}

// What the kernel counts of its direct map, in one line.
static char counted[2][1024];

static void counters(char *line, const char *file, const char *word)
{
    char *rest = text;
    size_t n = length(line);
    if (!read_all(file)) return;
    for (char *from; (from = next(&rest)) != NULL;)
    {
        if (!begins(from, word)) continue;
        line[n++] = ' ';
        for (; *from && n < sizeof counted[0] - 2; from++)
        {
            if (*from != ' ' || from[1] != ' ') line[n++] = *from;
        }
    }

    line[n] = 0;
}

static void count(char *line)
{
    *line = 0;
    counters(line, "/proc/meminfo", "DirectMap");
    counters(line, "/proc/vmstat", "direct_map_level");
}

static void show(const char *label)
{
    // A line takes its time, and a mapping may be split meanwhile.
    const char *last = "";
    int now = 0;
    for (;; now = !now)
    {
        count(counted[now]);
        put("=== ");
        put(label);
        put(":");
        put(counted[now]);
        put("\n");
        CALL(__NR_ioctl, 1, DRAIN, 1);
        if (length(last) == length(counted[now]) && begins(counted[now], last)) return;
        last = counted[now];
    }
}

static void print(const char *file, const char *word)
{
    char *rest = text;
    if (!read_all(file)) return;
    for (char *line; (line = next(&rest)) != NULL;)
    {
        if (!contains(line, word)) continue;
        put(line);
        put("\n");
    }
}

static void module(const char *file)
{
    // 1, 2: made for a kernel of other symbols or another version; 4: compressed. A kernel without one of these says so.
    long from = CALL(__NR_open, file, O_RDONLY, 0);
    size_t n = length(file);
    int packed = n > 3 && !(file[n - 3] == '.' && file[n - 2] == 'k' && file[n - 1] == 'o');
    long done = FAILED(from) ? from : CALL(__NR_finit_module, from, "", packed ? 4 : 0);
    if (FAILED(done) && !FAILED(from)) done = CALL(__NR_finit_module, from, "", packed ? 7 : 3);
    CALL(__NR_close, from, 0, 0);
    if (FAILED(done)) result(file, done);
}

static void tell(const char *file, const char *what)
{
    long to = CALL(__NR_open, file, O_WRONLY, 0);
    long done = FAILED(to) ? to : CALL(__NR_write, to, what, length(what));
    if (FAILED(done)) result(what, done);
    if (!FAILED(to)) CALL(__NR_close, to, 0, 0);
}

static void rest(long milliseconds)
{
    long time[2] = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
    CALL(__NR_nanosleep, time, 0, 0);
}

// --- KVM ---

#define IOW(n, size) (0x40000000ul | (size) << 16 | 0xAE00ul | (n))
#define IOWR(n, size) (0xC0000000ul | (size) << 16 | 0xAE00ul | (n))
#define KVM_CREATE_VM 0xAE01ul
#define KVM_CREATE_VCPU 0xAE41ul
#define SNP_VM 4
#define SEV_ISSUE_CMD 0xC0105300ul // linux/psp-sev.h
#define PRIVATE 8ul

struct sev_command
{
    uint32_t id, pad;
    uint64_t data;
    uint32_t error, sev;
};

struct sev_init
{
    uint64_t vmsa_features;
    uint32_t flags;
    uint16_t ghcb_version, pad;
    uint32_t pad2[8];
};

struct launch_start
{
    uint64_t policy;
    uint8_t workarounds[16];
    uint16_t flags;
    uint8_t pad[6];
    uint64_t pad2[4];
};

struct launch_update
{
    uint64_t first, address, bytes;
    uint8_t type, pad;
    uint16_t flags;
    uint32_t pad2;
    uint64_t pad3[4];
};

struct launch_finish
{
    uint64_t id_block, id_authentication;
    uint8_t has_id_block, has_author_key, no_vcek, host_data[32], pad[3];
    uint16_t flags;
    uint64_t pad2[4];
};

struct memfd
{
    uint64_t size, flags, reserved[6];
};

struct region
{
    uint32_t slot, flags;
    uint64_t guest, size, user, offset;
    uint32_t memfd, pad;
    uint64_t pad2[14];
};

struct attributes
{
    uint64_t address, size, attributes, flags;
};

static long sev(long vm, long device, const char *what, uint32_t id, void *data)
{
    struct sev_command command = { .id = id, .data = (uintptr_t)data, .sev = (uint32_t)device };
    long done = CALL(__NR_ioctl, vm, IOWR(0xBA, 8ul), &command);
    put("=== ");
    put(what);
    put(" -> ");
    number(done);
    if (command.error)
    {
        put(", firmware ");
        number(command.error);
    }

    put("\n");
    return done;
}

static void update(long vm, long device, const char *what, uint8_t type, uint64_t first, void *from, uint64_t pages)
{
    struct launch_update up = { .first = first, .address = type == 3 ? 0 : (uintptr_t)from, .bytes = pages << 12, .type = type };
    sev(vm, device, what, 101, &up);
}

static void launch(long pages)
{
    uint64_t size = 4ul << 20;
    long kvm = CALL(__NR_open, "/dev/kvm", O_RDWR, 0);
    long device = CALL(__NR_open, "/dev/sev", O_RDWR, 0);
    if (FAILED(kvm) || FAILED(device))
    {
        result(FAILED(kvm) ? "/dev/kvm" : "/dev/sev", FAILED(kvm) ? kvm : device);
        return;
    }

    long vm = CALL(__NR_ioctl, kvm, KVM_CREATE_VM, SNP_VM);
    result("KVM_CREATE_VM", FAILED(vm) ? vm : 0);
    if (FAILED(vm)) return;
    struct sev_init init = { 0 };
    if (FAILED(sev(vm, device, "KVM_SEV_INIT2", 22, &init))) return;
    struct memfd memory = { .size = size };
    long memfd = CALL(__NR_ioctl, vm, IOWR(0xD4, sizeof memory), &memory);
    char *user = (char *)call6(__NR_mmap, 0, (long)size, 3, 0x22, -1, 0);
    memset(user, 0xAA, (size_t)pages << 12);
    struct region region = { .flags = 4, .size = size, .user = (uintptr_t)user, .memfd = (uint32_t)memfd };
    result("KVM_SET_USER_MEMORY_REGION2", CALL(__NR_ioctl, vm, IOW(0x49, sizeof region), &region));
    struct attributes all = { .size = size, .attributes = PRIVATE };
    result("KVM_SET_MEMORY_ATTRIBUTES", CALL(__NR_ioctl, vm, IOW(0xD2, sizeof all), &all));
    long cpu = CALL(__NR_ioctl, vm, KVM_CREATE_VCPU, 0);
    result("KVM_CREATE_VCPU", FAILED(cpu) ? cpu : 0);
    struct launch_start start = { .policy = 0x30000 };
    sev(vm, device, "KVM_SEV_SNP_LAUNCH_START", 100, &start);
    update(vm, device, "KVM_SEV_SNP_LAUNCH_UPDATE of pages", 1, 0, user, (uint64_t)pages);
    update(vm, device, "KVM_SEV_SNP_LAUNCH_UPDATE of a zero page", 3, 512, user, 1);
    update(vm, device, "KVM_SEV_SNP_LAUNCH_UPDATE unmeasured", 4, 513, user, 1);
    update(vm, device, "KVM_SEV_SNP_LAUNCH_UPDATE of secrets", 5, 514, user, 1);
    memset(user, 0, 4096);
    update(vm, device, "KVM_SEV_SNP_LAUNCH_UPDATE of CPUID", 6, 515, user, 1);
    struct launch_finish finish = { 0 };
    sev(vm, device, "KVM_SEV_SNP_LAUNCH_FINISH", 102, &finish);
    struct attributes shared = { .size = 1ul << 20 };
    result("shared again", CALL(__NR_ioctl, vm, IOW(0xD2, sizeof shared), &shared));
    result("hole", CALL4(__NR_fallocate, memfd, 3, 0, 16 << 12));
    CALL(__NR_close, cpu, 0, 0);
    CALL(__NR_close, memfd, 0, 0);
    CALL(__NR_close, vm, 0, 0);
    CALL(__NR_close, device, 0, 0);
    CALL(__NR_close, kvm, 0, 0);
    put("=== the guest is gone\n");
}

// --- the platform, and another kernel ---

static void platform(uint32_t id)
{
    static uint64_t data[8];
    struct { uint32_t id; uint64_t data; uint32_t error; } __attribute__((packed)) command = { id, (uintptr_t)data, 0 };
    long device = CALL(__NR_open, "/dev/sev", O_RDWR, 0);
    long done = FAILED(device) ? device : CALL(__NR_ioctl, device, SEV_ISSUE_CMD, &command);
    put("=== /dev/sev ");
    number(id);
    put(" -> ");
    number(done);
    put(", firmware ");
    number(command.error);
    put("\n");
    if (!FAILED(device)) CALL(__NR_close, device, 0, 0);
}

static void start_kernel(const char *kernel, const char *initrd, const char *line)
{
    long image = CALL(__NR_open, kernel, O_RDONLY, 0);
    long disk = CALL(__NR_open, initrd, O_RDONLY, 0);
    long done = call6(__NR_kexec_file_load, image, disk, (long)length(line) + 1, (long)line, 0, 0);
    if (!FAILED(done)) done = CALL4(__NR_reboot, 0xFEE1DEADl, 672274793, 0x45584543, 0);
    result("kexec", done);
}

// --- the job ---

// Ends the first word of a text, and gives what follows it.
static char *split(char *line)
{
    while (*line && *line != ' ') line++;
    if (!*line) return line;
    *line++ = 0;
    return line;
}

static void carry_out(char *line)
{
    char *more = split(line);
    if (begins(line, "say")) put("=== "), put(more), put("\n");
    else if (begins(line, "show")) show(more);
    else if (begins(line, "module")) module(more);
    else if (begins(line, "remove"))
    {
        long done = CALL(__NR_delete_module, more, 04000, 0);
        if (FAILED(done)) result(more, done);
    }
    else if (begins(line, "tell"))
    {
        char *what = split(more);
        tell(more, what);
    }
    else if (begins(line, "print"))
    {
        char *word = split(more);
        print(more, word);
    }
    else if (begins(line, "sev")) platform((uint32_t)value(more));
    else if (begins(line, "kexec"))
    {
        char *initrd = split(more);
        char *options = split(initrd);
        start_kernel(more, initrd, options);
    }
    else if (begins(line, "launch")) launch(value(more));
    else if (begins(line, "sleep")) rest(value(more));
    else if (begins(line, "wait")) CALL(__NR_read, 0, text, 64);
    else if (*line && *line != '#') put("=== no command "), put(line), put("\n");
}

__attribute__((used, noreturn)) static void begin(void)
{
    static const char *const places[][2] = { { "/proc", "proc" }, { "/sys", "sysfs" }, { "/dev", "devtmpfs" } };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
    {
        CALL(__NR_mkdir, places[i][0], 0755, 0);
        call6(__NR_mount, (long)"none", (long)places[i][0], (long)places[i][1], 0, 0, 0);
    }

    long console = CALL(__NR_open, "/dev/console", O_RDWR, 0);
    if (!FAILED(console))
    {
        for (int i = 0; i < 3; i++) CALL(__NR_dup2, console, i, 0);
    }

    put("=== init\n");
    if (read_all("/job"))
    {
        char *rest = job;
        memcpy(job, text, sizeof job - 1);
        for (char *line; (line = next(&rest)) != NULL;) carry_out(line);
    }

    put("=== end\n");
    rest(100);
    CALL(__NR_sync, 0, 0, 0);
    CALL4(__NR_reboot, 0xFEE1DEADl, 672274793, 0x4321FEDC, 0);
    for (;;) rest(1000);
}

__asm__(".globl _start\n_start: xor %ebp, %ebp\n and $-16, %rsp\n call begin\n");
