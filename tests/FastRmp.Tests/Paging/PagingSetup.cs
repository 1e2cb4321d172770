using FastRmp.Paging;
using FastRmp.Reference;

namespace FastRmp.Tests.Paging;

/// <summary>One processor state, for the library and for the reference.</summary>
internal sealed record PagingSetup
{
    internal ulong Cr3 { get; init; }

    internal int Levels { get; init; } = 4;

    internal bool WriteProtect { get; init; } = true;

    internal bool NoExecute { get; init; } = true;

    internal bool Smep { get; init; }

    internal bool Smap { get; init; }

    internal bool Ac { get; init; }

    internal uint? Pkru { get; init; }

    internal uint? Pkrs { get; init; }

    internal int Width { get; init; } = 52;

    internal int? EncryptionBit { get; init; }

    internal int Reduction { get; init; }

    internal bool HasGigabytePages { get; init; } = true;

    internal bool ReservesUpperBit8 { get; init; } = true;

    internal bool TellsFetchWithSmep { get; init; }

    internal bool ShadowStacks { get; init; }

    internal bool IgnoresPml5Bit8 { get; init; }

    internal bool MarksOnlyAllowed { get; init; }

    internal PagingState State
    {
        get
        {
            ProcessorModel processor = ProcessorModel.Genoa with
            {
                PhysicalAddressWidth = Width,
                HasGigabytePages = HasGigabytePages,
                ReservesUpperBit8 = ReservesUpperBit8,
                ReportsFetchWithSmepAlone = TellsFetchWithSmep,
                HasPks = true,
            };
            ControlRegisters registers = new()
            {
                Cr3 = new Cr3(Cr3),
                WriteProtect = WriteProtect,
                NoExecuteEnable = NoExecute,
                La57 = Levels == 5,
                Smep = Smep,
                Smap = Smap,
                ProtectionKeys = Pkru is not null,
                SupervisorProtectionKeys = Pkrs is not null,
                ControlFlowEnforcement = ShadowStacks,
            };
            MemoryEncryption? encryption = EncryptionBit is { } bit ? new MemoryEncryption(bit, Reduction) : null;
            ModelChoices choices = new() { IgnorePml5eBit8 = IgnoresPml5Bit8, SetAccessedOnlyIfAllowed = MarksOnlyAllowed };
            return PagingState.FromRegisters(
                registers, processor, new Pkru(Pkru ?? 0), new Pkru(Pkrs ?? 0), encryption, choices);
        }
    }

    internal ReferencePaging Reference => new()
    {
        Cr3 = Cr3,
        Levels = Levels,
        NoExecuteEnabled = NoExecute,
        WriteProtect = WriteProtect,
        Smep = Smep,
        Smap = Smap,
        AccessUserAllowed = Ac,
        UserKeys = Pkru is not null,
        Pkru = Pkru ?? 0,
        SupervisorKeys = Pkrs is not null,
        Pkrs = Pkrs ?? 0,
        PhysicalWidth = Width,
        WidthReduction = Reduction,
        EncryptionBit = EncryptionBit,
        Has1GPages = HasGigabytePages,
        TopBit8Reserved = ReservesUpperBit8,
        ReportsFetchWithSmepAlone = TellsFetchWithSmep,
        ShadowStacks = ShadowStacks,
        Pml5Bit8Reserved = !IgnoresPml5Bit8,
        FaultingWalksMarkNothing = MarksOnlyAllowed,
    };

    /// <summary>The access as the library takes it.</summary>
    internal MemoryAccess Access(ReferenceAccess access) => access.Kind switch
    {
        ReferenceAccessKind.ShadowStackRead => Plain(access with { Kind = ReferenceAccessKind.Read }) with { IsShadowStack = true },
        ReferenceAccessKind.ShadowStackWrite => Plain(access with { Kind = ReferenceAccessKind.Write }) with { IsShadowStack = true },
        _ => Plain(access),
    };

    private MemoryAccess Plain(ReferenceAccess access) => access.Implicit
        ? MemoryAccess.Implicit((AccessKind)access.Kind)
        : MemoryAccess.Explicit((AccessKind)access.Kind, access.User ? 3 : 0, Ac);
}
