/* Versions of regions and high quadwords (rule 7 of src/FastRmp/Rmp/Protocol/RmpProtocol.cs), for Spin: two entries of one region, whose
   low quadword is assigned or not and locked or not, and three processors with store buffers in order, as x86 has them. Every store here
   has release semantics, so that none overtakes another on Arm64 either; loads have acquire semantics and stay in order.

   Processor 0 changes the second entry, by an instruction with a compare-and-swap behind the version's store, or by one without, and then
   reads the first entry. Processor 1 releases the first and assigns it as before, twice. Processor 2 releases the second entry, and does
   nothing else. What a reader takes for one moment has to be assigned with a high quadword, or neither.

   -DMUTANT=1: a version is one more than what was read. 2: where no compare-and-swap follows, a store is taken for enough. 3: the version
   moves when the release is published. */

#ifndef MUTANT
#define MUTANT 0
#endif

#define A 1 /* Assigned */
#define K 2 /* Lock */

#define VERSION 0
#define COUNT 1
#define LOW(e) (2 + 2 * (e))
#define HIGH(e) (3 + 2 * (e))
#define DEPTH 5

byte mem[6];
byte bufferAt[15];
byte bufferOf[15];
byte waiting[3];
byte token[3];
bit ready;

#define HELD(n, at) (waiting[p] > n && bufferAt[p * DEPTH + n] == (at))
#define LOADED(at) (HELD(4, at) -> bufferOf[p * DEPTH + 4] : (HELD(3, at) -> bufferOf[p * DEPTH + 3] : \
    (HELD(2, at) -> bufferOf[p * DEPTH + 2] : (HELD(1, at) -> bufferOf[p * DEPTH + 1] : \
    (HELD(0, at) -> bufferOf[p * DEPTH + 0] : mem[at])))))

inline load(at, into) { into = LOADED(at) }

inline store(at, value) {
    atomic {
        assert(waiting[p] < DEPTH);
        bufferAt[p * DEPTH + waiting[p]] = at;
        bufferOf[p * DEPTH + waiting[p]] = value;
        waiting[p]++
    }
}

/* An exchange and a compare-and-swap that succeeds: the entries have one writer at a time here, but for the locks. */
inline exchange(at, value) { atomic { waiting[p] == 0; mem[at] = value } }
inline addTo(at, value) { atomic { waiting[p] == 0; mem[at] = mem[at] + (value) } }
inline lock(at, seen) { atomic { waiting[p] == 0 && !(mem[at] & K); seen = mem[at]; mem[at] = seen | K } }

#if MUTANT == 1
inline next() { load(VERSION, v); v++ }
#else
inline next() { token[p]++; v = 16 * (p + 1) + token[p] }
#endif

inline give(e) {
    lock(LOW(e), low);
#if MUTANT != 3
    next();
    store(VERSION, v);
#endif
    store(HIGH(e), 0);
    store(LOW(e), K);
    addTo(COUNT, -1);
    store(LOW(e), 0);
#if MUTANT == 3
    next();
    store(VERSION, v)
#endif
}

inline take(e) {
    lock(LOW(e), low);
    addTo(COUNT, 1);
    store(HIGH(e), 1);
    store(LOW(e), A)
}

/* RMPADJUST, say: other permissions of an assigned page. */
inline adjust(e) {
    lock(LOW(e), low);
    next();
#if MUTANT == 2
    store(VERSION, v);
#else
    exchange(VERSION, v);
#endif
    store(HIGH(e), 1);
    store(LOW(e), low)
}

inline look(e) {
    load(VERSION, v);
    load(LOW(e), low);
    load(HIGH(e), high);
    load(LOW(e), again);
    if
    :: low == again && !(low & K) ->
       load(VERSION, last);
       assert(v != last || (low == A && high == 1) || (low == 0 && high == 0))
    :: else
    fi
}

active [3] proctype processor() {
    byte p = _pid;
    byte v, low, high, again, last;
    if
    :: atomic { p == 0 -> mem[LOW(0)] = A; mem[HIGH(0)] = 1; mem[LOW(1)] = A; mem[HIGH(1)] = 1; mem[COUNT] = 2; ready = 1 }
    :: p != 0 && ready
    fi;
    if
    :: p == 0 -> if :: give(1) :: adjust(1) fi; look(0)
    :: p == 1 -> give(0); take(0); give(0); take(0)
    :: p == 2 -> if :: give(1) :: look(0) :: skip fi
    fi
}

/* A store reaches memory. */
active [3] proctype buffer() {
    byte p = _pid - 3;
    byte i;
end:
    do
    :: atomic {
          waiting[p] > 0;
          mem[bufferAt[p * DEPTH]] = bufferOf[p * DEPTH];
          i = 1;
          do
          :: i < waiting[p] ->
             bufferAt[p * DEPTH + i - 1] = bufferAt[p * DEPTH + i];
             bufferOf[p * DEPTH + i - 1] = bufferOf[p * DEPTH + i];
             i++
          :: else -> break
          od;
          waiting[p]--;
          bufferAt[p * DEPTH + waiting[p]] = 0;
          bufferOf[p * DEPTH + waiting[p]] = 0;
          i = 0
       }
    od
}
