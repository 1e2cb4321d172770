using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace FastRmp.Fuzz;

/// <summary>Which branches an input took, if the readers' assemblies were instrumented by SharpFuzz; else always none.</summary>
internal sealed unsafe class Coverage
{
    private const int MapBytes = 1 << 16;

    private static byte* _map; // Safety: instrumented code writes below 64 KiB of it; it is never freed.

    private readonly byte[] _seen = new byte[MapBytes];

    /// <summary>Branches seen by now.</summary>
    internal int Branches { get; private set; }

    /// <summary>Instrumented code writes from its first branch on, in whatever initializer that is.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "A program.")]
    internal static void Prepare()
    {
        _map = (byte*)NativeMemory.AllocZeroed(MapBytes);
        Trace.SharedMem = _map;
    }

    /// <summary>Before an input is read.</summary>
    internal static void Begin()
    {
        new Span<byte>(_map, MapBytes).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>After it: whether it took a branch that none took before, or one much more often.</summary>
    internal bool IsNews()
    {
        bool isNews = false;
        ReadOnlySpan<byte> map = new(_map, MapBytes);
        for (int at = Next(map, 0); at < MapBytes; at = Next(map, at + 1))
        {
            byte bucket = (byte)(1 << BitOperations.Log2(map[at]));
            if ((_seen[at] & bucket) != 0) continue;
            if (_seen[at] == 0) Branches++;
            _seen[at] |= bucket;
            isNews = true;
        }

        return isNews;
    }

    private static int Next(ReadOnlySpan<byte> map, int from)
    {
        int next = map[from..].IndexOfAnyExcept((byte)0);
        return next < 0 ? map.Length : from + next;
    }
}
