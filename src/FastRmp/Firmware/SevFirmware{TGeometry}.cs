using System;
using System.Collections.Generic;
using FastRmp.Internals;

namespace FastRmp.Firmware;

/// <summary>The SEV firmware of the secure processor: the commands of the SNP firmware ABI, with their tests in firmware's order, their
/// status, and what they write.</summary>
/// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
/// <remarks>
/// <para>Source: AMD SEV firmware of 2023-08-30 (Genoa, 1.55), sev_mcmd.c, sev_rmp.c. Modelled are the platform's states, the ASIDs, what
/// guest contexts and metadata entries hold apart from keys and measurements, and every entry of the RMP. Keys, hashes and content are not:
/// what depends on them always succeeds. What a page holds is kept outside the table, whatever the RMP says of the page.</para>
/// <para>Firmware is one processor: one thread at a time may run commands or set state. Any other threads may execute instructions on the
/// table meanwhile, except during an initialisation that builds the table. A command on several pages is as many transitions, one after the
/// other; each of them is atomic.</para>
/// <para>The address in a command is the quadword of the command buffer: any value is a value, and the C-bit is stripped. Tests come in
/// this order: reserved bits of addresses and fields (INVALID_PARAM), state of SNP (INVALID_PLATFORM_STATE), look-up of the pages
/// (INVALID_PARAM for one of the RMP's own; one without an entry is Default), then the command's own. A command that is refused has changed
/// nothing unless its remarks say so. No command throws for a value.</para>
/// </remarks>
public sealed partial class SevFirmware<TGeometry>
    where TGeometry : struct, IRmpGeometry
{
    /// <summary>What a simple machine has: DRAM everywhere, one core complex, ready for SNP.</summary>
    /// <param name="table">The machine's RMP; the caller disposes it after the last command.</param>
    public SevFirmware(ReverseMapTable<TGeometry> table)
        : this(table, new FirmwareMachine())
    {
    }

    /// <summary>Makes the firmware of a machine, before SNP_INIT, with SNP_EN set.</summary>
    /// <param name="table">The machine's RMP; the caller disposes it after the last command.</param>
    /// <param name="machine">The machine.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of core complexes is not 1 to 16, or a bit position is not one of a
    /// quadword's.</exception>
    public SevFirmware(ReverseMapTable<TGeometry> table, FirmwareMachine machine)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(machine);
        Table = table;
        _own = OwnRanges(table.Geometry);
        _asids = new AsidTable(table.Processor.MaxAsid);
        _machine = Checked(machine);
        _platform = new PlatformState { IsSnpEnabled = true };
    }

    private readonly PhysicalRange[] _own;
    private readonly AsidTable _asids;
    private readonly PageContents _contents = new();
    private readonly List<PhysicalRange> _iommuPages = [];
    private FirmwareMachine _machine;
    private PlatformState _platform;

    /// <summary>The RMP.</summary>
    public ReverseMapTable<TGeometry> Table { get; }

    /// <summary>The machine; may be exchanged between commands, as when an operating system programs an IOMMU.</summary>
    /// <exception cref="ArgumentOutOfRangeException">As the constructor's.</exception>
    public FirmwareMachine Machine
    {
        get => _machine;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _machine = Checked(value);
        }
    }

    /// <summary>All core complexes, a bit each.</summary>
    private ushort AllCoreComplexes => (ushort)((1U << _machine.CoreComplexes) - 1);

    private bool IsInit => _platform.IsSnpInitialized;

    private static FirmwareMachine Checked(FirmwareMachine machine)
    {
        const int MaxCoreComplexes = 16;
        const int Bits = 64;
        if (machine.CoreComplexes is < 1 or > MaxCoreComplexes)
        {
            Throw.MachineValue(nameof(machine), nameof(FirmwareMachine.CoreComplexes), machine.CoreComplexes, 1, MaxCoreComplexes);
        }

        if (machine.EncryptionBit is < 0 or >= Bits)
        {
            Throw.MachineValue(nameof(machine), nameof(FirmwareMachine.EncryptionBit), machine.EncryptionBit, 0, Bits - 1);
        }

        const int MinAddressBits = 36;
        if (machine.PhysicalAddressBits is < MinAddressBits or >= Bits)
        {
            Throw.MachineValue(
                nameof(machine), nameof(FirmwareMachine.PhysicalAddressBits), machine.PhysicalAddressBits, MinAddressBits, Bits - 1);
        }

        return machine with
        {
            Dram = machine.Dram.IsDefault ? [] : machine.Dram,
            Protected = machine.Protected.IsDefault ? [] : machine.Protected,
            IommuBuffers = machine.IommuBuffers.IsDefault ? [] : machine.IommuBuffers,
        };
    }

    private static PhysicalRange[] OwnRanges(TGeometry geometry)
    {
        PhysicalRange[] own = new PhysicalRange[geometry.OwnRanges];
        for (int i = 0; i < own.Length; i++)
        {
            own[i] = geometry.OwnRange(i);
        }

        Array.Sort(own, static (left, right) => left.Start.CompareTo(right.Start));
        return own;
    }
}
