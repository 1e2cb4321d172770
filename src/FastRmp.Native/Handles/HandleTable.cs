using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp.Native;

/// <summary>The live handles. A number that is none of them is refused, whatever it is.</summary>
/// <remarks>Readers take no lock: a slot holds a whole object or nothing. A handle that another thread destroys meanwhile stays valid
/// for a call that has found it; what the caller owns behind it has to outlive that call.</remarks>
internal static class HandleTable
{
    private const int FirstSlots = 64;
    private const int MostSlots = 1 << 16;
    private const int GenerationShift = 16;
    private const int KindShift = 56;
    private const ulong GenerationMask = (1UL << (KindShift - GenerationShift)) - 1;

    private static readonly Lock Gate = new();
    private static LiveHandle?[] s_slots = new LiveHandle?[FirstSlots];
    private static ulong s_generation;

    /// <summary>Finds a handle.</summary>
    /// <typeparam name="T">Its kind.</typeparam>
    /// <param name="value">Any number.</param>
    /// <returns>The object, or null.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T? Find<T>(ulong value)
        where T : LiveHandle
    {
        LiveHandle?[] slots = Volatile.Read(ref s_slots);
        uint slot = (ushort)value;
        if (slot >= (uint)slots.Length) return null;
        T? found = slots[slot] as T;
        return found is not null && found.Value == value ? found : null;
    }

    /// <summary>Adds an object.</summary>
    /// <param name="handle">The object.</param>
    /// <returns>Its number, or 0 if there are too many.</returns>
    internal static ulong Add(LiveHandle handle)
    {
        lock (Gate)
        {
            int slot = Array.IndexOf(s_slots, null);
            if (slot < 0)
            {
                slot = s_slots.Length;
                if (slot == MostSlots) return 0;
                LiveHandle?[] longer = new LiveHandle?[slot * 2];
                s_slots.CopyTo(longer, 0);
                Volatile.Write(ref s_slots, longer);
            }

            s_generation = (s_generation + 1) & GenerationMask;
            handle.Value = ((ulong)handle.Kind << KindShift) | (s_generation << GenerationShift) | (uint)slot;
            Volatile.Write(ref s_slots[slot], handle);
            return handle.Value;
        }
    }

    /// <summary>Ends a handle of any kind.</summary>
    /// <param name="value">Any number.</param>
    /// <returns>False if it is no live handle.</returns>
    internal static bool Remove(ulong value)
    {
        lock (Gate)
        {
            LiveHandle? found = Find<LiveHandle>(value);
            if (found is null) return false;
            Volatile.Write(ref s_slots[(ushort)value], null);
            found.End();
            return true;
        }
    }
}
