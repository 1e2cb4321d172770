using System.Threading;

namespace FastRmp.Paging;

/// <summary>The processors that one invalidation reaches: what INVLPGB, or a kernel's interrupts to all others, are told.</summary>
/// <remarks>
/// <para>Any threads. When <see cref="Invalidate"/> returns, no cache of the domain finds what was invalidated any more, on any thread that
/// knows of the return, and no walk of one ends with it. Nobody is waited for; allocates nothing. So a processor may still use what it
/// found before: TLBSYNC waits until each has finished the instruction that it is in, which only the emulator knows.</para>
/// <para>The last 64 invalidations are kept; a cache that was not used meanwhile, and missed more, forgets everything. A domain keeps its
/// caches alive.</para>
/// </remarks>
public sealed class TlbDomain
{
    private const int Kept = 64;
    private const int Words = 4; // mark, RAX, ECX and EDX
    private const int EdxShift = 32;

    private readonly ulong[] _ring = new ulong[Kept * Words];
    private ITlbListener[] _listeners = [];
    private ulong _posted;

    /// <summary>How many invalidations there were.</summary>
    internal ulong Posted => Volatile.Read(ref _posted);

    /// <summary>Invalidates translations on all processors: INVLPGB.</summary>
    /// <param name="what">Which.</param>
    public void Invalidate(in TlbInvalidation what)
    {
        // The number comes first: a cache that takes a translation from the tables later than this looks for it afterwards.
        ulong number = Interlocked.Increment(ref _posted);
        ref ulong mark = ref _ring[Place(number)];
        ulong seen = Volatile.Read(ref mark);
        bool isMine = (seen & 1) == 0 && seen < Written(number)
            && Interlocked.CompareExchange(ref mark, Written(number) - 1, seen) == seen;
        if (isMine)
        {
            Volatile.Write(ref _ring[Place(number) + 1], what.Rax);
            Volatile.Write(ref _ring[Place(number) + 2], what.Ecx | ((ulong)what.Edx << EdxShift));
            Volatile.Write(ref mark, Written(number));
        }

        // If the place is not free, a writer is 64 behind, or ahead: readers miss the number there, and forget everything.
        foreach (ITlbListener listener in Volatile.Read(ref _listeners))
        {
            listener.Interrupt();
        }
    }

    /// <summary>Adds a cache that is empty.</summary>
    /// <returns>How many invalidations do not concern it.</returns>
    internal ulong Add(ITlbListener listener)
    {
        while (true)
        {
            ITlbListener[] seen = Volatile.Read(ref _listeners);
            ITlbListener[] more = [.. seen, listener];
#pragma warning disable RS0030 // the ulong overload, which the rule asks for, exchanges no references
            if (ReferenceEquals(Interlocked.CompareExchange(ref _listeners, more, seen), seen)) return Posted;
#pragma warning restore RS0030
        }
    }

    /// <summary>Reads one of the last invalidations.</summary>
    /// <returns>False if it is not there any more, or not yet.</returns>
    internal bool TryRead(ulong number, out TlbInvalidation what)
    {
        ref ulong mark = ref _ring[Place(number)];
        ulong begun = Volatile.Read(ref mark);
        ulong rax = Volatile.Read(ref _ring[Place(number) + 1]);
        ulong rest = Volatile.Read(ref _ring[Place(number) + 2]);
        what = new TlbInvalidation(rax, (uint)rest, (uint)(rest >> EdxShift));
        return begun == Written(number) && Volatile.Read(ref mark) == begun;
    }

    private static ulong Written(ulong number) => 2 * number;

    private static int Place(ulong number) => (int)(number % Kept) * Words;
}
