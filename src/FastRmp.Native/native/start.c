/* frmp_init: starts the runtime, gives the process its signal dispositions back, and makes fork safe.
 *
 * The runtime sets SIGPIPE to be ignored and catches SIGSEGV and SIGFPE to make exceptions of them. The library needs neither: it tests
 * what it follows, and a pointer of the caller's that leads nowhere has to end where the caller's other ones do. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

/* The managed parts; hidden. */
int32_t frmp_start(uint32_t version, uint64_t **process);
void frmp_settle(void);
int32_t frmp_init(uint32_t version);

/* The runtime's record of a thread, which every call looks up. One reference of this model lets the linker turn all others of the shared
 * library into it: a load instead of a call of __tls_get_addr, a third of what a call costs. */
extern _Thread_local char tls_CurrentThread[] __attribute__((tls_model("initial-exec")));

/* The runtime's list of those records: GetThreadStore(), and ThreadStore::Iterator, which is one pointer. Weak, for a runtime without. */
struct records
{
    char *first;
};
extern struct records *_Z14GetThreadStorev(void) __attribute__((weak));
extern void _ZN11ThreadStore8IteratorC1Ev(char **iterator) __attribute__((weak));
extern char *_ZN11ThreadStore8Iterator7GetNextEv(char **iterator) __attribute__((weak));

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int started;
static size_t next; /* where a record has the next one; 0: not known */
static uint64_t *process; /* the number by which locks of this process are told from those of others */

/* Finds where a record has the pointer to the next: the one place that says so for the calling thread's and all behind it. */
static void learn_records(void)
{
    enum { WORDS = 26, MOST = 8 }; /* words of a record in .NET 10 */
    char *iterator, *records[MOST];
    size_t count = 0, found = 0;
    if (!_Z14GetThreadStorev || !_ZN11ThreadStore8IteratorC1Ev || !_ZN11ThreadStore8Iterator7GetNextEv) return;
    _ZN11ThreadStore8IteratorC1Ev(&iterator);
    if (iterator != _Z14GetThreadStorev()->first) return;
    for (char *record; count < MOST && (record = _ZN11ThreadStore8Iterator7GetNextEv(&iterator)) != NULL;) records[count++] = record;
    for (size_t word = 0; count > 1 && word < WORDS; word++)
    {
        size_t i = 0;
        while (i + 1 < count && ((char **)(void *)records[i])[word] == records[i + 1]) i++;
        if (i + 1 < count) continue;
        if (found != 0) return;
        found = word;
    }

    next = found * sizeof(char *);
}

/* Of all threads the child has but the one that forked. The records of the others lie in their stacks, which the C library gives to new
 * threads: the runtime has to forget them before that, or the first collection in the child goes astray. */
static void forget_other_threads(void)
{
    struct records *all = _Z14GetThreadStorev();
    char *mine = tls_CurrentThread;
    for (char *record = all->first; record != NULL; record = *(char **)(void *)(record + next))
    {
        if (record != mine) continue;
        *(char **)(void *)(mine + next) = NULL;
        all->first = mine;
        return;
    }

    all->first = NULL;
}

/* A child has its parent's stacks, by whose addresses a lock names its holder, and may share a table with it. */
static void renumber_process(void)
{
    *process ^= (uint64_t)getpid() * UINT64_C(0x9E3779B97F4A7C15);
}

/* The runtime's threads inherit the mask: a signal for the process has to go to a thread of the program's. Not blocked are those of
 * faults, and the one by which a collection stops threads. */
static void block_signals(sigset_t *before)
{
    static const int kept[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS };
    sigset_t blocked;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) sigdelset(&blocked, kept[i]);
    sigdelset(&blocked, SIGRTMIN);
    pthread_sigmask(SIG_BLOCK, &blocked, before);
}

static int32_t start_first(uint32_t version)
{
    static const int taken[] = { SIGPIPE, SIGSEGV, SIGFPE };
    enum { COUNT = sizeof taken / sizeof taken[0] };
    struct sigaction before[COUNT];
    int saved[COUNT];
    sigset_t mask;
    block_signals(&mask);
    for (size_t i = 0; i < COUNT; i++) saved[i] = sigaction(taken[i], NULL, &before[i]) == 0;
    int32_t code = frmp_start(version, &process);
    frmp_settle(); /* a thread that is about to start has every signal blocked, and no record yet */
    for (size_t i = 0; i < COUNT; i++)
    {
        if (saved[i]) (void)sigaction(taken[i], &before[i], NULL);
    }

    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    learn_records();
    (void)pthread_atfork(NULL, NULL, renumber_process);
    if (next != 0) (void)pthread_atfork(NULL, NULL, forget_other_threads);
    return code;
}

int32_t frmp_init(uint32_t version)
{
    char *volatile record = tls_CurrentThread;
    (void)record;
    pthread_mutex_lock(&gate);
    int32_t code = started ? frmp_start(version, &process) : start_first(version);
    started = 1;
    pthread_mutex_unlock(&gate);
    return code;
}
