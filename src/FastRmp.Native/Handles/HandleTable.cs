using System;
using System.Threading;

namespace FastRmp.Native;

/// <summary>The live handles. A number that is none of them is refused, whatever it is.</summary>
/// <remarks>Readers (<see cref="Slots"/>) take no lock: a slot holds a whole object or nothing. A handle that another thread destroys
/// meanwhile stays valid for a call that has found it; what the caller owns behind it has to outlive that call.</remarks>
internal static class HandleTable
{
    private const int FirstSlots = 64;
    private const int MostSlots = 1 << 16;
    private const int GenerationShift = 16;
    private const int KindShift = 56;
    private const ulong GenerationMask = (1UL << (KindShift - GenerationShift)) - 1;

    private static readonly Lock Gate = new();
    private static ulong _generation;

    /// <summary>Adds an object.</summary>
    /// <param name="handle">The object.</param>
    /// <returns>Its number, or 0 if there are too many.</returns>
    internal static ulong Add(LiveHandle handle)
    {
        lock (Gate)
        {
            LiveHandle?[] slots = Slots.All ??= new LiveHandle?[FirstSlots];
            int slot = Array.IndexOf(slots, null);
            if (slot < 0)
            {
                slot = slots.Length;
                if (slot == MostSlots) return 0;
                Array.Resize(ref slots, slot * 2);
                Slots.All = slots;
            }

            handle.Begin(slot);
            _generation = (_generation + 1) & GenerationMask;
            handle.Value = ((ulong)handle.Kind << KindShift) | (_generation << GenerationShift) | (uint)slot;
            Volatile.Write(ref slots[slot], handle);
            Slots.Added(handle);
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
            LiveHandle? found = Slots.Find<LiveHandle>(value);
            if (found is null) return false;
            Slots.Removed(found);
            Volatile.Write(ref Slots.All![(ushort)value], null);
            found.End();
            return true;
        }
    }
}
