using System;
using System.Runtime.CompilerServices;

namespace FastRmp.Benchmarks.Data;

/// <summary>An SNP guest with 1024 pages of 4 KiB and two of 2 MiB, its own table entries in the first-level cache; C reads the same
/// translations.</summary>
internal sealed unsafe class GuestWorkload : IDisposable
{
    internal const int Pages = 1024;
    internal const uint Asid = 1;
    internal const byte OtherVmpl = 1;

    private const ulong SmallBytes = 0x40_0000UL;
    private const ulong LargeBytes = 0x40_0000UL;
    private const ulong GuestOffset = 0x4000_0000UL;

    private readonly PinnedMemory _translations;

    /// <summary>Assigns the pages.</summary>
    /// <param name="isValidated">Whether the guest has validated them and let VMPL1 read them.</param>
    internal GuestWorkload(bool isValidated)
    {
        Rmp = Machines.Genoa(SmallBytes + LargeBytes);
        Rmp.NativeProcessor->Asid = Asid;
        Rmp.NativeProcessor->SnpGuest = 1;
        Assign(0, SmallBytes, PageSize.Size4K, isValidated);
        Assign(SmallBytes, LargeBytes, PageSize.Size2M, isValidated);
        _translations = PinnedMemory.Allocate(((ulong)(2 * Pages * sizeof(NestedPage)) + 0xFFFUL) & ~0xFFFUL);
        Random random = new(23);
        for (int i = 0; i < Pages; i++)
        {
            SmallPages[i] = Translation((ulong)random.Next(Pages) * PageSize.Size4K.Bytes(), PageSize.Size4K);
            LargePages[i] = Translation(SmallBytes + ((ulong)random.Next(2) * PageSize.Size2M.Bytes()), PageSize.Size2M);
        }
    }

    internal RmpWorkload<ContiguousGeometry> Rmp { get; }

    /// <summary>The guest's kernel at VMPL0.</summary>
    internal static ExecutionState Kernel => ExecutionState.Guest(Asid);

    /// <summary>Pages of 4 KiB in random order.</summary>
    internal NestedPage* SmallPages => (NestedPage*)_translations.Pointer;

    /// <summary>Pages of 2 MiB in random order.</summary>
    internal NestedPage* LargePages => SmallPages + Pages;

    /// <summary>Everything that a result says, as C adds it up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // as in C: it is not what is measured
    internal static ulong Digest(GuestResult result) => (ulong)result.Status + (result.CarryFlag ? 0x100UL : 0) + result.ExitInfo1.Value;

    public void Dispose()
    {
        _translations.Dispose();
        Rmp.Dispose();
    }

    private void Assign(ulong start, ulong length, PageSize size, bool isValidated)
    {
        RmpAdjustOperand readable = new RmpAdjustOperand { TargetVmpl = OtherVmpl, Permissions = VmplPermissions.Read };
        for (ulong page = start; page < start + length; page += size.Bytes())
        {
            NestedPage translation = Translation(page, size);
            Rmp.Update(page, new RmpUpdateOperand { Assigned = true, Asid = Asid, Gpa = translation.Gpa.Value, PageSize = size });
            if (!isValidated) continue;
            bool done = Rmp.Table.PValidate(Kernel, translation, size, validate: true).IsSuccess
                && Rmp.Table.RmpAdjust(Kernel, translation, size, readable).IsSuccess;
            if (!done) throw new InvalidOperationException($"The page 0x{page:x} was not validated.");
        }
    }

    private static NestedPage Translation(ulong page, PageSize size) =>
        new(GuestPhysicalAddress.Create(page + GuestOffset), PhysicalAddress.Create(page), size);
}
