/* Loads the library that the argument names, uses it on a thread, and closes it while that thread is still there. Prints "ok". */
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int32_t (*init)(uint32_t version);
static pthread_barrier_t used, closed;

static void *work(void *argument)
{
    (void)argument;
    int32_t code = init(1);
    pthread_barrier_wait(&used);
    pthread_barrier_wait(&closed);
    return (void *)(uintptr_t)(uint32_t)code; /* the thread's record in the library goes away here */
}

int main(int count, char **arguments)
{
    if (count != 2) return 1;
    void *library = dlopen(arguments[1], RTLD_NOW);
    if (library == NULL) return puts(dlerror());
    void *found = dlsym(library, "frmp_init");
    memcpy(&init, &found, sizeof init);
    pthread_barrier_init(&used, NULL, 2);
    pthread_barrier_init(&closed, NULL, 2);
    pthread_t thread;
    pthread_create(&thread, NULL, work, NULL);
    pthread_barrier_wait(&used);
    if (dlclose(library) != 0) return 1;
    pthread_barrier_wait(&closed);
    void *code;
    pthread_join(thread, &code);
    if (code != NULL || init(1) != 0) return 1;
    puts("ok");
    return 0;
}
