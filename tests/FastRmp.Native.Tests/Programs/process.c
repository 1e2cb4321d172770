/* What the library does to the process around it: signal dispositions, threads, fork, dlclose. Prints "ok" or what is wrong. */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fastrmp.h"

#define REGIONS 4
#define THREADS (2 * REGIONS - 1) /* each has half a region, the last half is shared */
#define PAGES (REGIONS * FRMP_PAGES_PER_REGION)
#define STORAGE (FRMP_BOOKKEEPING_BYTES + 16 * PAGES)
#define ROUNDS 20000

static frmp_table table;
static struct frmp_view view;

static void require(int holds, const char *what)
{
    char text[256];
    if (holds) return;
    frmp_last_error(text, sizeof text);
    printf("%s: %s\n", what, text);
    exit(1);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    (void)context;
    _exit(42);
}

static int is_ours(int number)
{
    struct sigaction now;
    sigaction(number, NULL, &now);
    return now.sa_sigaction == on_fault && (now.sa_flags & SA_SIGINFO) != 0;
}

/* Updates of pages of its own, and of one that all share, where contention and overlaps are the only failures. */
static void *work(void *argument)
{
    uint64_t id = (uint64_t)(uintptr_t)argument;
    uint64_t failures = 0;
    for (uint64_t i = 0; i < ROUNDS; i++)
    {
        uint64_t page = (id * FRMP_PAGES_PER_REGION / 2 + i % 200) << FRMP_PAGE_SHIFT_4K;
        uint64_t assign[2] = { page, FRMP_RMPUPDATE_ASSIGNED | (id + 1) << FRMP_RMPUPDATE_ASID_SHIFT };
        uint64_t release[2] = { 0, 0 };
        uint64_t shared = (uint64_t)(PAGES - 1) << FRMP_PAGE_SHIFT_4K;
        frmp_word word;
        do word = frmp_rmpupdate(table, FRMP_CPU_HOST, page, assign);
        while (FRMP_IS_CONTENTION(word));
        if (word != 0 || frmp_may_write(&view, page, FRMP_PAGE_4K)) failures++;
        word = frmp_rmpupdate(table, FRMP_CPU_HOST, shared, i % 2 != 0 ? assign : release);
        if (FRMP_ERROR_OF(word) != FRMP_OK || FRMP_FAULT_OF(word) != 0) failures++;
        if (i % 64 == 0 && (frmp_mark_in_use(table, page) != FRMP_OK)) failures++;
        if (i % 64 == 0)
        {
            uint32_t was_marked;
            if (frmp_unmark_in_use(table, page, &was_marked) != FRMP_OK || was_marked != 1) failures++;
        }

        do word = frmp_rmpupdate(table, FRMP_CPU_HOST, page, release);
        while (FRMP_IS_CONTENTION(word));
        if (word != 0) failures++;
    }

    return (void *)(uintptr_t)failures;
}

static void run_threads(void)
{
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++) require(pthread_create(&threads[i], NULL, work, (void *)i) == 0, "pthread_create");
    for (int i = 0; i < THREADS; i++)
    {
        void *failures;
        pthread_join(threads[i], &failures);
        require(failures == NULL, "a thread's calls failed");
    }
}

static void check_census(void)
{
    struct frmp_census_result census;
    require(frmp_census(table, &census) == FRMP_OK && census.is_consistent == 1, "the table is inconsistent");
}

/* The child goes on with the table; its storage is shared, so the parent sees what it did. */
static void run_fork(void)
{
    uint64_t assign[2] = { 0x7000, FRMP_RMPUPDATE_ASSIGNED | UINT64_C(9) << FRMP_RMPUPDATE_ASID_SHIFT };
    pid_t child = fork();
    if (child == 0)
    {
        frmp_word word = frmp_rmpupdate(table, FRMP_CPU_HOST, 0x7000, assign);
        int is_right = word == 0 && !frmp_may_write(&view, 0x7000, FRMP_PAGE_4K);
        for (int i = 0; i < 1000; i++) is_right &= frmp_destroy(0) == FRMP_ERROR_HANDLE; /* texts are allocated */
        _exit(is_right ? 0 : 1);
    }

    int status;
    require(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child failed");
    require(!frmp_may_write(&view, 0x7000, FRMP_PAGE_4K), "the parent does not see the child's update");
}

/* A thread that has used the library and is outside it while another one forks. */
static pthread_barrier_t forking;
static void *stand_by(void *argument)
{
    frmp_word word = frmp_rmpread(table, FRMP_CPU_HOST, 0x7000, (uint64_t[2]){ 0, 0 });
    pthread_barrier_wait(&forking);
    pthread_barrier_wait(&forking);
    return argument == NULL && FRMP_ERROR_OF(word) == FRMP_OK ? NULL : &forking;
}

static void *be_refused(void *argument)
{
    for (int i = 0; i < 2000; i++)
    {
        if (frmp_destroy(0) != FRMP_ERROR_HANDLE) return &forking; /* texts are allocated, so that there are collections */
    }

    return argument;
}

/* The C library gives the stacks of threads that are not in the child, the runtime's own included, to threads that the child starts. */
static int start_threads(void)
{
    enum { COUNT = 8 };
    int is_right = 1;
    for (int round = 0; round < 5; round++)
    {
        pthread_t threads[COUNT];
        for (int i = 0; i < COUNT; i++) is_right &= pthread_create(&threads[i], NULL, be_refused, NULL) == 0;
        for (int i = 0; i < COUNT && is_right; i++)
        {
            void *failed;
            is_right &= pthread_join(threads[i], &failed) == 0 && failed == NULL;
        }
    }

    return is_right && be_refused(NULL) == NULL;
}

static void run_fork_beside_threads(void)
{
    pthread_t threads[THREADS];
    pthread_barrier_init(&forking, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++) require(pthread_create(&threads[i], NULL, stand_by, NULL) == 0, "pthread_create");
    pthread_barrier_wait(&forking);
    pid_t child = fork();
    if (child == 0)
    {
        alarm(100); /* if it hangs */
        _exit(start_threads() ? 0 : 1);
    }

    int status;
    require(child > 0 && waitpid(child, &status, 0) == child, "waitpid");
    require(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child's threads failed");
    pthread_barrier_wait(&forking);
    for (int i = 0; i < THREADS; i++)
    {
        void *failed;
        pthread_join(threads[i], &failed);
        require(failed == NULL, "a thread failed");
    }

    require(start_threads(), "the parent's threads failed");
}

/* The mask of blocked signals of a thread; 0 if it has ended. */
static unsigned long long mask_of(const char *task)
{
    char path[300], line[256];
    unsigned long long mask = 0;
    snprintf(path, sizeof path, "/proc/self/task/%s/status", task);
    FILE *file = fopen(path, "r");
    if (file == NULL) return 0;
    while (fgets(line, sizeof line, file) != NULL)
    {
        if (strncmp(line, "SigBlk:", 7) == 0) mask = strtoull(line + 7, NULL, 16);
    }

    fclose(file);
    return mask;
}

/* Signals for the process go to the program's own threads: the runtime's have them blocked. The C library starts a thread with everything
 * blocked, so one that was created a moment ago is given time. */
static void check_masks(void)
{
    static const int blocked[] = { SIGHUP, SIGINT, SIGTERM, SIGCHLD, SIGALRM, SIGUSR1, SIGIO };
    const unsigned long long kept = 1ULL << (SIGSEGV - 1) | 1ULL << (SIGRTMIN - 1);
    int others = 0;
    DIR *tasks = opendir("/proc/self/task");
    require(tasks != NULL, "/proc/self/task");
    for (struct dirent *task; (task = readdir(tasks)) != NULL;)
    {
        if (task->d_name[0] == '.' || atol(task->d_name) == (long)getpid()) continue;
        unsigned long long mask = mask_of(task->d_name);
        for (int tries = 0; (mask & kept) != 0 && tries < 1000; tries++)
        {
            usleep(10000);
            mask = mask_of(task->d_name);
        }

        others++;
        for (size_t i = 0; i < sizeof blocked / sizeof blocked[0]; i++)
        {
            require((mask >> (blocked[i] - 1) & 1) != 0, "a thread of the runtime takes a signal");
        }

        require((mask & kept) == 0, "a signal of the runtime's is blocked");
    }

    closedir(tasks);
    require(others > 0, "there is no thread of the runtime");
    sigset_t mine;
    pthread_sigmask(SIG_BLOCK, NULL, &mine);
    require(sigismember(&mine, SIGINT) == 0, "the mask is not as it was");
}

/* A pointer that leads nowhere ends in the program's own handler. */
static void run_fault(void)
{
    pid_t child = fork();
    if (child == 0)
    {
        (void)frmp_rmpupdate(table, FRMP_CPU_HOST, 0, (const uint64_t *)(uintptr_t)0x123456000);
        _exit(1);
    }

    int status;
    require(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 42, "the fault was swallowed");
}

int main(void)
{
    struct sigaction mine;
    memset(&mine, 0, sizeof mine);
    mine.sa_sigaction = on_fault;
    mine.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &mine, NULL);
    sigaction(SIGFPE, &mine, NULL);
    signal(SIGPIPE, SIG_DFL);
    setenv("DOTNET_GCgen0size", "40000", 1); /* collections as often as can be */
    require(frmp_init(FRMP_ABI_VERSION) == FRMP_OK && frmp_init(FRMP_ABI_VERSION) == FRMP_OK, "frmp_init");
    require(is_ours(SIGSEGV) && is_ours(SIGFPE), "a handler was replaced");
    struct sigaction pipe;
    sigaction(SIGPIPE, NULL, &pipe);
    require(pipe.sa_handler == SIG_DFL, "SIGPIPE is not as it was");
    check_masks();

    void *storage = mmap(NULL, STORAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(storage != MAP_FAILED, "mmap");
    struct frmp_table_config config = { .size = sizeof config, .rmp_base = 0x40000000, .rmp_end = 0x40000000 + STORAGE - 1 };
    config.processor.preset = FRMP_GENOA;
    require(frmp_table_create(&config, storage, STORAGE, &table) == FRMP_OK, "frmp_table_create");
    require(frmp_table_view(table, &view) == FRMP_OK, "frmp_table_view");
    run_threads();
    uint64_t release[2] = { 0, 0 };
    (void)frmp_rmpupdate(table, FRMP_CPU_HOST, (uint64_t)(PAGES - 1) << FRMP_PAGE_SHIFT_4K, release);
    check_census();
    run_fork();
    run_fork_beside_threads();
    run_fault();
    check_census();
    require(frmp_destroy(table) == FRMP_OK, "frmp_destroy");
    puts("ok");
    return 0;
}
