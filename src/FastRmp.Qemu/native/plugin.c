/* What QEMU sees of the plugin: the version of the API, the function that installs it, and the callback of an instruction.
 *
 * A callback that gives a processor another RIP calls qemu_plugin_set_pc, which does not return but jumps back into QEMU's loop. No managed
 * frame may be on the way, so the managed half only answers where to go on.
 *
 * The runtime takes signals when it starts; QEMU gets its dispositions back. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

typedef void on_instruction(unsigned processor, void *what);

int qemu_plugin_version = 7;
int qemu_plugin_install(uint64_t id, const void *info, int count, char **arguments);

/* The managed halves; hidden. */
uint64_t fastrmp_qemu_step(unsigned processor, void *what);
int32_t fastrmp_qemu_install(uint64_t id, int count, char **arguments, on_instruction *callback);

/* One reference of this model lets the linker turn the look-up of the runtime's thread, in each callback, into a load. */
extern _Thread_local char tls_CurrentThread __attribute__((tls_model("initial-exec")));

static void (*set_pc)(uint64_t);

static void step(unsigned processor, void *what)
{
    uint64_t next = fastrmp_qemu_step(processor, what);
    if (next) set_pc(next);
}

int qemu_plugin_install(uint64_t id, const void *info, int count, char **arguments)
{
    static const int taken[] = { SIGPIPE, SIGSEGV, SIGFPE };
    enum { COUNT = sizeof taken / sizeof taken[0] };
    struct sigaction before[COUNT];
    int saved[COUNT];
    char *volatile record = &tls_CurrentThread;
    (void)record;
    (void)info;
    *(void **)&set_pc = dlsym(RTLD_DEFAULT, "qemu_plugin_set_pc");
    for (size_t i = 0; i < COUNT; i++) saved[i] = sigaction(taken[i], NULL, &before[i]) == 0;
    int32_t code = fastrmp_qemu_install(id, count, arguments, step);
    for (size_t i = 0; i < COUNT; i++)
    {
        if (saved[i]) (void)sigaction(taken[i], &before[i], NULL);
    }

    return code;
}
