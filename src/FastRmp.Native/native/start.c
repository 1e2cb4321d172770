/* frmp_init: starts the runtime and gives the process its signal dispositions back.
 *
 * The runtime sets SIGPIPE to be ignored and catches SIGSEGV and SIGFPE to make exceptions of them. The library needs neither: it tests
 * what it follows, and a pointer of the caller's that leads nowhere has to end where the caller's other ones do. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

int32_t frmp_start(uint32_t version); /* the managed part; hidden */
int32_t frmp_init(uint32_t version);

/* The runtime's record of a thread, which every call looks up. One reference of this model lets the linker turn all others of the shared
 * library into it: a load instead of a call of __tls_get_addr, a third of what a call costs. */
extern _Thread_local char tls_CurrentThread __attribute__((tls_model("initial-exec")));

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int started;

int32_t frmp_init(uint32_t version)
{
    static const int taken[] = { SIGPIPE, SIGSEGV, SIGFPE };
    enum { COUNT = sizeof taken / sizeof taken[0] };
    struct sigaction before[COUNT];
    int saved[COUNT];
    char *volatile record = &tls_CurrentThread;
    (void)record;
    pthread_mutex_lock(&gate);
    int first = !started;
    for (size_t i = 0; first && i < COUNT; i++) saved[i] = sigaction(taken[i], NULL, &before[i]) == 0;
    int32_t code = frmp_start(version);
    for (size_t i = 0; first && i < COUNT; i++)
    {
        if (saved[i]) (void)sigaction(taken[i], &before[i], NULL);
    }

    started = 1;
    pthread_mutex_unlock(&gate);
    return code;
}
