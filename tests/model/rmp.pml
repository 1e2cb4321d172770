/* The protocol of the host's instructions (src/FastRmp/Rmp/Protocol/RmpProtocol.cs), for Spin: one region with its base entry and two
   sub-entries, processors with store buffers, and every instruction of a small alphabet in every state that it leads to.

   A word is read and written whole. A store goes into the processor's buffer and reaches memory later; a load looks there first; a
   compare-and-swap and a fence wait until it is empty. The buffer is in order, as that of x86 is (TSO). With -DPSO a store overtakes one to
   another word unless it has release semantics; loads stay in order, so that this is not all that Arm64 may do. With -DSC a store reaches
   memory at once.

   Each run is judged at its end: the results and what is in memory have to be those of some order of the instructions that took effect,
   in which an instruction that had ended before another began comes first; it has ended when memory has its last store. An instruction that
   reported contention changed nothing, and an update ran at the same time. So did one if the check of a large mapping refuses too much.
   High quadwords, guests and pages in use are left out: versions of regions are for readers of both quadwords, and versions.pml has them.
   So is the bound of tries.

   -DPROGRAM=N, -DSECOND=N: instructions of processor 0 and of processor 1, one or two. -DTHIRD: a third processor, with one. -DLIST:
   updates alone, and each outcome is printed. -DMUTANT=N: without one of the rules. In the environment: INITIAL, the only initial state;
   OP0 to OP5, the only instruction of a place, of which each processor has two; MOST, the last instruction that others may be. */

#ifndef PROGRAM
#define PROGRAM 1
#endif
#ifndef SECOND
#define SECOND 1
#endif
#ifdef THIRD
#define CPUS 3
#else
#define CPUS 2
#endif
#ifndef MUTANT
#define MUTANT 0
#endif
#define DEPTH 6 /* stores of one instruction at most between two fences */

/* A word of an entry. In a locked sub-entry the holder stands where a base has its count: in the table it is in the guest address. */
#define A 1         /* Assigned */
#define L 2         /* Page_Size: 2 MiB */
#define C 4         /* one of Subpage_Count */
#define CMASK 12
#define H 4         /* the holder: processor 0; twice and three times that for the others */
#define HMASK 12
#define K 16        /* Lock */
#define F 32        /* ASID 0x3FF: frozen */
#define ASID 64     /* ASID 1; ASID 2 is twice that */
#define ASIDS 192

#define SMALL(w) (((w) & (L | F)) == 0)
#define HAS_SMALL_PAGES(w) (((w) & L) == 0 && ((w) & (A | CMASK)) != 0)

#define SUCCESS 0
#define OVERLAP 1
#define BADADDR 2
#define CONTENDED 3
#define SEEN 8      /* of a reader, and above it what it read */

/* Instructions. */
#define ASSIGN_1 0
#define OTHER_1 1
#define RELEASE_1 2
#define ASSIGN_2 3
#define RELEASE_2 4
#define ASSIGN_BASE 5
#define RELEASE_BASE 6
#define ASSIGN_LARGE 7
#define OTHER_LARGE 8
#define RELEASE_LARGE 9
#define SMASH 10
#define UPDATES 11
#define READ_1 11
#define READ_2 12
#define CHECK_LARGE 13 /* a host's write by a 2 MiB mapping */
#define ALPHABET 14
#define STATES 6

byte mem[3];
byte bufferAt[18];
byte bufferOf[18];
byte waiting[3];
byte initial;
byte program[6];
byte count[3];
byte result[6];
byte doneBefore[6];
byte done;
byte leaving; /* ended but for stores in a buffer */
byte ended;
byte least;
byte most;
bit explained;

c_code {
    static const char *names[] = { "assign1", "other1", "release1", "assign2", "release2", "assign", "release", "assignLarge", "otherLarge",
        "releaseLarge", "smash", "read1", "read2", "check" };
    static const char *results[] = { "success", "overlap", "badaddr", "contended" };
    static const char *states[] = { "empty", "first", "base", "both", "large", "smashed" };
    static const unsigned char starts[6][3] = {
        { 0, 0, 0 }, { 4, 65, 0 }, { 65, 0, 0 }, { 8, 65, 65 }, { 67, 1, 1 }, { 73, 65, 65 },
    };

    /* A number of the environment, or -1. */
    static int given(const char *name)
    {
        const char *text = getenv(name);
        return text && *text ? atoi(text) : -1;
    }

    static void begin(void)
    {
        int only = given("INITIAL");
        now.least = only < 0 ? 0 : only;
        now.most = only < 0 ? 5 : only;
    }

    /* Which instructions may stand in a place. Processors with one instruction each are alike: their order is by number. */
    static void choose(int place)
    {
        char name[] = { 'O', 'P', (char)('0' + place), 0 };
        int only = given(name), last = given("MOST");
        now.least = now.most = only;
        if (only >= 0) return;
#ifdef LIST
        now.most = 10;
#else
        now.most = last < 0 ? 13 : last;
#endif
        now.least = place >= 2 && now.count[place / 2] == 1 && now.count[place / 2 - 1] == 1 ? now.program[place - 2] : 0;
    }

    /* The instruction alone. */
    static int alone(int what, unsigned char w[3])
    {
        int sub = what == 3 || what == 4 || what == 12 ? 2 : 1, asid = what == 1 || what == 8 ? 128 : 64;
        switch (what)
        {
        case 0: case 1: case 3:
            if (w[0] & 2) return 1;
            if (!(w[sub] & 1)) w[0] += 4;
            w[sub] = 1 | asid;
            return 0;
        case 2: case 4:
            if (w[0] & 2) return 1;
            if (w[sub] & 1) w[0] -= 4;
            w[sub] = 0;
            return 0;
        case 5: case 6:
            if (w[0] & 2) return 1;
            w[0] = (w[0] & 12) | (what == 5 ? 65 : 0);
            return 0;
        case 7: case 8: case 9:
            if (!(w[0] & 2) && (w[0] & 13)) return 1;
            w[0] = what == 9 ? 0 : 3 | asid;
            w[1] = w[2] = what == 9 ? 0 : 1;
            return 0;
        case 10:
            if ((w[0] & 3) != 3) return 2;
            w[1] = w[2] = 1 | (w[0] & 192);
            w[0] = 1 | 8 | (w[0] & 192);
            return 0;
        case 11: case 12:
            return 8 + ((w[sub] & 1) | (w[sub] & 192) >> 5);
        default:
            return 8 + ((w[0] & 13) != 0);
        }
    }

    static int runs(int place) { return place % 2 < now.count[place / 2]; }

    static int explains(int left, const unsigned char before[3])
    {
        if (!left) return before[0] == now.mem[0] && before[1] == now.mem[1] && before[2] == now.mem[2];
        for (int i = 0; i < 6; i++)
        {
            unsigned char w[3] = { before[0], before[1], before[2] };
            if (!(left & 1 << i) || (now.doneBefore[i] & left) || alone(now.program[i], w) != now.result[i]) continue;
            if (explains(left & ~(1 << i), w)) return 1;
        }
        return 0;
    }

    /* Whether no update ran while the instruction did. */
    static int ran_alone(int place)
    {
        for (int i = 0; i < 6; i++)
            if (runs(i) && i != place && now.program[i] < 11 && !(now.doneBefore[place] & 1 << i) && !(now.doneBefore[i] & 1 << place))
                return 0;
        return 1;
    }

    static int judge(void)
    {
        int left = 0, right = 1;
        for (int i = 0; i < 6; i++)
        {
            if (!runs(i)) continue;
            if (now.result[i] == 3) right &= ran_alone(i) == 0;
            else if (now.program[i] != 13 || now.result[i] == 8 || ran_alone(i)) left |= 1 << i;
        }
#ifdef LIST
        printf("%s: %s %s, %s %s -> 0x%02x 0x%02x 0x%02x\n", states[now.initial], names[now.program[0]], results[now.result[0]],
            names[now.program[2]], results[now.result[2]], now.mem[0], now.mem[1], now.mem[2]);
#endif
        if (right && explains(left, starts[now.initial])) return 1;
        printf("no order explains, from %s:", states[now.initial]);
        for (int i = 0; i < 6; i++)
            if (runs(i)) printf(" [%d] %s -> %d", i / 2, names[now.program[i]], now.result[i]);
        printf("; memory 0x%x 0x%x 0x%x\n", now.mem[0], now.mem[1], now.mem[2]);
        return 0;
    }

    /* A store reaches memory. */
    static void commit(int p, int n)
    {
        unsigned char *at = (unsigned char *)now.bufferAt + p * DEPTH, *of = (unsigned char *)now.bufferOf + p * DEPTH;
        now.mem[at[n] & 3] = of[n];
        now.waiting[p]--;
        for (; n < now.waiting[p]; n++)
        {
            at[n] = at[n + 1];
            of[n] = of[n + 1];
        }
        at[n] = of[n] = 0;
        if (now.waiting[p] > 0) return;
        now.done |= now.leaving & 3 << 2 * p;
        now.leaving &= ~(3 << 2 * p);
    }
}

/* The newest store to it in the processor's own buffer, or memory. */
#define HELD(n, at) (waiting[p] > n && (bufferAt[p * DEPTH + n] & 3) == (at))
#define LOADED(at) (HELD(5, at) -> bufferOf[p * DEPTH + 5] : (HELD(4, at) -> bufferOf[p * DEPTH + 4] : \
    (HELD(3, at) -> bufferOf[p * DEPTH + 3] : (HELD(2, at) -> bufferOf[p * DEPTH + 2] : \
    (HELD(1, at) -> bufferOf[p * DEPTH + 1] : (HELD(0, at) -> bufferOf[p * DEPTH + 0] : mem[at]))))))

#ifdef SC
inline load(at, into) { into = mem[at] }
inline store(at, value) { mem[at] = value }
inline release(at, value) { mem[at] = value }
#else
inline load(at, into) { into = LOADED(at) }

inline put(at, value) {
    atomic {
        assert(waiting[p] < DEPTH);
        bufferAt[p * DEPTH + waiting[p]] = at;
        bufferOf[p * DEPTH + waiting[p]] = value;
        waiting[p]++
    }
}

inline store(at, value) { put(at, value) }
inline release(at, value) { put((at) | 4, value) }
#endif

inline swap(at, value, comparand, prior) {
    atomic {
        waiting[p] == 0;
        prior = mem[at];
        if :: prior == (comparand) -> mem[at] = value :: else fi
    }
}

inline fence() { waiting[p] == 0 }

/* NotSmall: the result of a 4 KiB update where the region was not small a moment ago. */
inline notSmall() {
    load(0, b);
    if
    :: (b & F) || SMALL(b) -> r = CONTENDED
    :: else -> r = OVERLAP
    fi
}

inline publishBase(value) {
#if MUTANT == 9 /* the count as it was when the base was locked */
    release(0, (value) | (low & CMASK))
#else
    load(0, b);
    do
    :: swap(0, (value) | (b & CMASK), b, prior);
       if :: prior == b -> break :: else -> b = prior fi
    od
#endif
}

inline raiseCount() {
    do
    :: !SMALL(b) -> notSmall(); break
    :: else ->
       assert((b & CMASK) != CMASK);
       swap(0, b + C, b, prior);
       if :: prior == b -> break :: else -> b = prior fi
    od
}

inline lowerCount() {
    do
    :: assert((b & CMASK) != 0);
       swap(0, b - C, b, prior);
       if :: prior == b -> break :: else -> b = prior fi
    od
}

/* RmpUpdate4K.UpdateSubpage. wanted: what the entry becomes. */
inline updateSub(at, wanted) {
    load(at, low);
    do
    :: low & K -> r = CONTENDED; break
    :: else ->
       load(0, b);
       if
       :: !SMALL(b) -> notSmall(); break
       :: else
       fi;
#if MUTANT == 2 /* the count before the lock */
       r = SUCCESS;
       if :: (wanted & A) && !(low & A) -> raiseCount() :: else fi;
       if :: r != SUCCESS -> break :: else fi;
#endif
#if MUTANT == 10 /* no holder */
       held = (low & ~HMASK) | K;
#else
       held = (low & ~HMASK) | K | (H * (p + 1));
#endif
       swap(at, held, low, prior);
       if
       :: prior != low ->
#if MUTANT == 2
          if :: (wanted & A) && !(low & A) -> load(0, b); lowerCount() :: else fi;
#endif
          low = prior
       :: else ->
#if MUTANT != 6 /* the base as it was before the lock */
          load(0, b);
#endif
          r = SUCCESS;
          if
          :: !SMALL(b) -> notSmall()
          :: else ->
#if MUTANT == 1 /* the own entry is not read again */
             s = held;
#else
             load(at, s);
#endif
             if
             :: s != held -> r = CONTENDED
#if MUTANT != 2
             :: s == held && (wanted & A) && !(low & A) -> raiseCount()
#endif
             :: else
             fi
          fi;
          if
          :: r != SUCCESS ->
#if MUTANT == 8 /* given up by a store */
             release(at, low)
#else
             swap(at, low, held, prior)
#endif
#if MUTANT == 2
             ; if :: (wanted & A) && !(low & A) -> load(0, b); lowerCount() :: else fi
#endif
          :: else ->
#if MUTANT == 5 /* the count is lowered when the entry is unlocked */
             release(at, wanted);
             if :: (low & A) && !((wanted) & A) -> lowerCount() :: else fi
#else
             if
             :: (low & A) && !((wanted) & A) -> release(at, K); lowerCount()
             :: else
             fi;
             release(at, wanted)
#endif
          fi;
          break
       fi
    od
}

/* RmpUpdate4K.UpdateBase. */
inline updateBase(wanted) {
    load(0, low);
    do
    :: low & (K | F) -> r = CONTENDED; break
    :: !(low & (K | F)) && (low & L) -> notSmall(); break
    :: else ->
       swap(0, low | K, low, prior);
       if
       :: prior != low -> low = prior
       :: else -> publishBase(wanted); r = SUCCESS; break
       fi
    od
}

inline findAssigned() {
    moving = 0;
    assigned = 0;
    i = 1;
    do
    :: i == 3 || assigned -> break
    :: else ->
       load(i, s);
       if
       :: s & K -> moving = 1
       :: !(s & K) && (s & A) -> assigned = 1
       :: else
       fi;
       i++
    od
}

inline confirmOverlap() {
    swap(0, b | K, b, prior);
    if
    :: prior != b -> r = CONTENDED
    :: else ->
       low = b;
       findAssigned();
       if
       :: !assigned && !moving ->
          swap(0, low | K | F, low | K, prior);
          if
          :: prior == (low | K) ->
             findAssigned();
             if
             :: !assigned && !moving -> load(0, b); assigned = (b & CMASK) != 0
             :: else
             fi
          :: else
          fi
       :: else
       fi;
       publishBase(low & ~CMASK);
       r = (assigned -> OVERLAP : CONTENDED)
    fi
}

inline eitherFirst() { if :: first = 1 :: first = 2 fi }

/* What a 2 MiB instruction does when it has taken the base: it reads the sub-entries and locks them. Where it treats several, their order
   is any. unusual: what no instruction leaves there. r is CONTENDED if one was locked. */
inline lockSubs(unusual) {
    eitherFirst();
    load(first, s);
    load(3 - first, b);
    r = SUCCESS;
    if
    :: ((s | b) & (unusual)) == 0 ->
       eitherFirst();
       load(first, s);
       store(first, (s & ~HMASK) | K | (H * (p + 1)));
       load(3 - first, s);
       store(3 - first, (s & ~HMASK) | K | (H * (p + 1)))
    :: else -> /* TryLockSubpages */
       i = 1;
       do
       :: i == 3 -> break
       :: else ->
          load(i, s);
          do
          :: s & K -> r = CONTENDED; break
          :: else ->
             swap(i, s | K, s, prior);
             if :: prior == s -> break :: else -> s = prior fi
          od;
          if :: r == CONTENDED -> break :: else -> i++ fi
       od;
       do /* UnlockSubpages */
       :: r == CONTENDED && i > 1 -> i--; load(i, s); release(i, s & ~K)
       :: else -> break
       od
    fi
}

/* WriteHighs writes the low quadwords back as it reads them. */
inline writeHighs() {
    eitherFirst();
    load(first, s);
    store(first, s);
    load(3 - first, s);
    store(3 - first, s)
}

inline writeLows(value) {
    eitherFirst();
    store(first, value);
    store(3 - first, value)
}

/* RmpUpdate2M. wanted: what the base becomes. */
inline updateLarge(wanted) {
    load(0, low);
    do
    :: (low & (K | F)) || HAS_SMALL_PAGES(low) -> /* IsRefused */
       load(0, b);
       if
       :: b & (K | F) -> r = CONTENDED; break
       :: !(b & (K | F)) && HAS_SMALL_PAGES(b) && (b & A) -> r = OVERLAP; break
       :: !(b & (K | F)) && HAS_SMALL_PAGES(b) && !(b & A) -> confirmOverlap(); break
       :: else -> load(0, low)
       fi
    :: else ->
       swap(0, low | F, low, prior);
       if
       :: prior != low -> low = prior
       :: else ->
#if MUTANT == 7 /* a locked sub-entry stops no 2 MiB instruction */
          lockSubs(0);
#else
          if
          :: low & L -> lockSubs(K | ASIDS)
          :: else -> lockSubs(K | ASIDS | A)
          fi;
#endif
          if
          :: r == CONTENDED -> release(0, low)
          :: else ->
#if MUTANT != 4 /* sub-entries are assigned before the base is */
             if :: (wanted) & A -> release(0, (wanted) | F) :: else fi;
#endif
#if MUTANT != 3 /* no fence between the locks and what is published */
             fence();
             if :: writeHighs() :: skip fi; /* where one is not zero */
#endif
             writeLows((wanted) & A);
             release(0, wanted)
          fi;
          break
       fi
    od
}

/* PSmashInstruction. */
inline smash() {
    load(0, low);
    do
    :: (low & (A | L)) != (A | L) -> r = BADADDR; break
    :: (low & (A | L)) == (A | L) && (low & (K | F)) -> r = CONTENDED; break
    :: else ->
       swap(0, low | F, low, prior);
       if
       :: prior != low -> low = prior
       :: else ->
          lockSubs(K | ASIDS);
          if
          :: r == CONTENDED -> release(0, low)
          :: else ->
             fence();
             writeHighs();
             writeLows(A | (low & ASIDS));
             release(0, A | (low & ASIDS) | 2 * C)
          fi;
          break
       fi
    od
}

proctype Processor(byte p) {
    byte k, what, r, i, first;
    bit moving, assigned;
    byte low, prior, b, s, held;
    do
    :: atomic {
           k < count[p] ->
           what = program[p * 2 + k];
           doneBefore[p * 2 + k] = done | (k << (p * 2))
       };
       if
       :: what == ASSIGN_1 -> updateSub(1, A | ASID)
       :: what == OTHER_1 -> updateSub(1, A | 2 * ASID)
       :: what == RELEASE_1 -> updateSub(1, 0)
       :: what == ASSIGN_2 -> updateSub(2, A | ASID)
       :: what == RELEASE_2 -> updateSub(2, 0)
       :: what == ASSIGN_BASE -> updateBase(A | ASID)
       :: what == RELEASE_BASE -> updateBase(0)
       :: what == ASSIGN_LARGE -> updateLarge(A | L | ASID)
       :: what == OTHER_LARGE -> updateLarge(A | L | 2 * ASID)
       :: what == RELEASE_LARGE -> updateLarge(0)
       :: what == SMASH -> smash()
       :: what == READ_1 || what == READ_2 ->
          load(1 + what - READ_1, s);
          r = ((s & K) -> CONTENDED : SEEN + ((s & A) | (s & ASIDS) >> 5))
       :: what == CHECK_LARGE ->
          load(0, s);
          r = SEEN + ((s & (A | CMASK)) != 0)
       fi;
       atomic {
           result[p * 2 + k] = r;
           if
           :: waiting[p] == 0 -> done = done | (1 << (p * 2 + k))
           :: else -> leaving = leaving | (1 << (p * 2 + k))
           fi;
           k++;
           what = 0; r = 0; i = 0; first = 0; moving = 0; assigned = 0; low = 0; prior = 0; b = 0; s = 0; held = 0
       }
    :: else -> break
    od;
    ended++
}

/* Whether a store may overtake the one before it in place m. */
#define PASSES(n, m) (bufferAt[p * DEPTH + n] != (bufferAt[p * DEPTH + m] & 3))
#define READY(n) (waiting[p] > n && (bufferAt[p * DEPTH + n] & 4) == 0)

proctype Buffer(byte p) {
end:
    do
    :: atomic { waiting[p] > 0 -> c_code { commit(PBuffer->p, 0); } }
#ifdef PSO
    :: atomic { READY(1) && PASSES(1, 0) -> c_code { commit(PBuffer->p, 1); } }
    :: atomic { READY(2) && PASSES(2, 0) && PASSES(2, 1) -> c_code { commit(PBuffer->p, 2); } }
    :: atomic { READY(3) && PASSES(3, 0) && PASSES(3, 1) && PASSES(3, 2) -> c_code { commit(PBuffer->p, 3); } }
    :: atomic { READY(4) && PASSES(4, 0) && PASSES(4, 1) && PASSES(4, 2) && PASSES(4, 3) -> c_code { commit(PBuffer->p, 4); } }
    :: atomic {
           READY(5) && PASSES(5, 0) && PASSES(5, 1) && PASSES(5, 2) && PASSES(5, 3) && PASSES(5, 4) -> c_code { commit(PBuffer->p, 5); }
       }
#endif
    od
}

init {
    byte j, what;
    atomic {
        c_code { begin(); };
        select(what : least .. most);
        initial = what;
        count[0] = PROGRAM;
        count[1] = SECOND;
#ifdef THIRD
        count[2] = 1;
#endif
        j = 0;
        do
        :: j < 6 ->
           if
           :: (j % 2) < count[j / 2] ->
              c_code { choose(Pinit->j); };
              select(what : least .. most);
              program[j] = what
           :: else
           fi;
           j++
        :: else -> break
        od;
        what = 0;
        least = 0;
        most = 0;
        c_code { for (int i = 0; i < 3; i++) now.mem[i] = starts[now.initial][i]; };
        j = 0;
        do
        :: j < CPUS ->
           run Processor(j);
#ifndef SC
           run Buffer(j);
#endif
           j++
        :: else -> break
        od
    }
    atomic {
        ended == CPUS && waiting[0] == 0 && waiting[1] == 0 && waiting[2] == 0;
        c_code { now.explained = judge(); };
        assert(explained)
    }
}
