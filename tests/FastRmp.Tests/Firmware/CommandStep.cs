using FastRmp.Firmware;
using FastRmp.Reference;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Rmp.Concurrency;

namespace FastRmp.Tests.Firmware;

/// <summary>
/// Firmware's commands as steps of programs: the operand's ASID is the command, its GPA the second page or the guest's address.
/// </summary>
/// <remarks>
/// Pages of guests belong to ASID 1, whose context is beside the contended pages; each step finds firmware after an INIT, with that guest
/// in the state it needs.
/// </remarks>
internal static class CommandStep
{
    /// <summary>
    /// The context of the guest with ASID 1, in a region beside the contended one; the test makes it one before anything runs.
    /// </summary>
    public const ulong ContextPage = 0x20_1000;

    private const uint Asid = 1;
    private const ulong ContextLow = 0xA000_0000_0000_0005;
    private const ulong ContextHigh = 0x1F;

    /// <summary>A page without entry: where to swap to, and where from.</summary>
    private const ulong Elsewhere = 0x10_0000_0000;

    /// <summary>The page that an INIT would have recorded as an IOMMU's.</summary>
    private const ulong IommuPage = 0x1000;

    public static Step Of(FirmwareCommand command, ulong page, PageSize size = PageSize.Size4K, ulong second = 0) =>
        new(StepKind.Command, page, Operands.Make(second, false, false, false, (uint)command), size);

    /// <summary>A table for both regions.</summary>
    public static ContiguousGeometry Geometry { get; } = ContiguousGeometry.Covering(
        PhysicalAddress.Create(0x10_0000), 2 * ModelPair.RegionBytes);

    public static void MakeContext(ReverseMapTable<ContiguousGeometry> table) =>
        table.TryWriteRaw(PhysicalAddress.Create(ContextPage), new RmpEntry(ContextLow, ContextHigh));

    public static void MakeContext(ReferenceRmp reference) => reference.Poke(ContextPage, ContextLow, ContextHigh);

    public static FirmwareStatus Execute(ReverseMapTable<ContiguousGeometry> table, Step step)
    {
        ulong page = step.Page;
        ulong second = step.Operand.Gpa;
        PageSize size = step.Mapping;
        FirmwareCommand command = (FirmwareCommand)step.Operand.Asid;
        SevFirmware<ContiguousGeometry> firmware = new(table);
        firmware.Platform = firmware.Platform with { IsSnpInitialized = true, IsRmpInitialized = true };
        ulong context = IsOfMetadata(command) ? second : ContextPage;
        firmware.SetGuestContext(PhysicalAddress.Create(context), new GuestContext
        {
            State = command == FirmwareCommand.LaunchUpdate ? GuestState.Launch : GuestState.Running,
            Asid = command == FirmwareCommand.Activate ? 0 : Asid,
            Flags = command == FirmwareCommand.Activate ? GuestFlags.EncryptedState : GuestFlags.EncryptedState | GuestFlags.Active,
            MigrationAgent = GuestContext.NoMigrationAgent,
            Root = new MetadataEntry
            {
                IsValid = true,
                IsValidated = true,
                Size = size,
                GuestPage = second >> 12,
                Permissions = MasksOf(second),
            },
        });
        const VmplPermissions Read = VmplPermissions.Read;
        switch (command)
        {
            case FirmwareCommand.GctxCreate:
                return firmware.GctxCreate(page);
            case FirmwareCommand.Decommission:
                return firmware.Decommission(page);
            case FirmwareCommand.Activate:
                return firmware.Activate(context, Asid);
            case FirmwareCommand.LaunchUpdate:
                return firmware.LaunchUpdate(new LaunchParameters
                {
                    GuestContext = context,
                    Page = page,
                    Size = size,
                    Type = LaunchPageType.Normal,
                    Vmpl1Permissions = Read,
                    Vmpl2Permissions = Read,
                    Vmpl3Permissions = Read,
                });
            case FirmwareCommand.SwapOut or FirmwareCommand.SwapOutMetadata:
                SwapPageType type = command == FirmwareCommand.SwapOut ? SwapPageType.Data : SwapPageType.Metadata;
                return firmware.SwapOut(
                    new PageTransferParameters
                    {
                        GuestContext = context,
                        Source = page,
                        Destination = Elsewhere,
                        Size = size,
                        Type = type,
                        IsRoot = true,
                    });
            case FirmwareCommand.SwapIn:
                return firmware.SwapIn(
                    new PageTransferParameters
                    {
                        GuestContext = context,
                        Source = Elsewhere,
                        Destination = page,
                        Size = size,
                        IsRoot = true,
                    });
            case FirmwareCommand.MdInit:
                return firmware.MdInit(context, page);
            case FirmwareCommand.PageMove:
                return firmware.PageMove(
                    new PageTransferParameters { GuestContext = context, Source = page, Destination = second, Size = size });
            case FirmwareCommand.MoveMetadata:
                return firmware.PageMove(
                    new PageTransferParameters { GuestContext = context, Source = page, Destination = 0, Size = size });
            case FirmwareCommand.PageReclaim:
                return firmware.PageReclaim(PhysicalAddress.Create(page), size);
            case FirmwareCommand.PageUnsmash:
                return firmware.PageUnsmash(page);
            default:
                firmware.RecordIommuPages([new PhysicalRange(PhysicalAddress.Create(IommuPage), 0x1000)]);
                return firmware.SnpShutdownEx(new PlatformParameters { IommuShutdown = true });
        }
    }

    public static bool Explains(ReferenceRmp reference, Step step, ulong answer)
    {
        ulong page = step.Page;
        bool large = step.Mapping != PageSize.Size4K;
        ulong second = step.Operand.Gpa;
        FirmwareCommand command = (FirmwareCommand)step.Operand.Asid;
        ReferenceFirmware firmware = new(reference, new ReferencePlatform { HighestAsid = Asid }) { IsInitialized = true };
        ulong context = IsOfMetadata(command) ? second : ContextPage;
        ulong elsewhere = ReferenceFirmware.ImpliedPage;
        firmware.SetGuest(context, new ReferenceGuest
        {
            State = command == FirmwareCommand.LaunchUpdate ? ReferenceGuestState.Launch : ReferenceGuestState.Running,
            Asid = command == FirmwareCommand.Activate ? 0 : Asid,
            IsActive = command != FirmwareCommand.Activate,
            Root = new ReferenceMetadata
            {
                IsValid = true,
                Validated = true,
                Large = large,
                GpaPage = second >> 12,
                High = MasksOf(second),
            },
        });
        ReferenceFirmwareStatus status = command switch
        {
            FirmwareCommand.GctxCreate => firmware.GctxCreate(page),
            FirmwareCommand.Decommission => firmware.Decommission(page),
            FirmwareCommand.Activate => firmware.Activate(context, Asid),
            FirmwareCommand.LaunchUpdate =>
                firmware.LaunchUpdate(context, new ReferenceLaunchUpdate { Page = page, Large = large, Mask1 = 1, Mask2 = 1, Mask3 = 1 }),
            FirmwareCommand.SwapOut =>
                firmware.SwapOut(context, new ReferenceSwap { Source = page, Destination = elsewhere, Large = large, IsRoot = true }),
            FirmwareCommand.SwapOutMetadata =>
                firmware.SwapOut(
                    context,
                    new ReferenceSwap
                    {
                        Source = page,
                        Destination = elsewhere,
                        Large = large,
                        IsRoot = true,
                        Type = ReferenceSwap.Metadata,
                    }),
            FirmwareCommand.SwapIn =>
                firmware.SwapIn(context, new ReferenceSwap { Source = elsewhere, Destination = page, Large = large, IsRoot = true }),
            FirmwareCommand.MdInit => firmware.MdInit(context, page),
            FirmwareCommand.PageMove => firmware.PageMove(context, page, second, large),
            FirmwareCommand.MoveMetadata => firmware.PageMove(context, page, 0, large),
            FirmwareCommand.PageReclaim => firmware.PageReclaim(page, large),
            FirmwareCommand.PageUnsmash => firmware.PageUnsmash(page),
            _ => Shutdown(firmware),
        };
        return (ulong)status == answer;
    }

    private static ReferenceFirmwareStatus Shutdown(ReferenceFirmware firmware)
    {
        firmware.Record([new ReferenceRange(IommuPage, IommuPage + 0xFFF)]);
        return firmware.Shutdown(iommu: true, x86: false);
    }

    private static bool IsOfMetadata(FirmwareCommand command) =>
        command is FirmwareCommand.MdInit or FirmwareCommand.SwapOutMetadata or FirmwareCommand.MoveMetadata;

    /// <summary>Swapped-in pages have another high quadword for each guest address, so that one of two commands shows.</summary>
    private static ulong MasksOf(ulong gpa) => 0x1_011F | ((gpa >> 12 & 0x1F) << 24);
}
