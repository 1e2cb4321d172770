using System;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Rmp;

namespace FastRmp.Firmware;

/// <summary>The SEV firmware of the secure processor, as far as it changes the RMP: the commands of the SNP firmware ABI as transitions of page states.</summary>
/// <typeparam name="TGeometry">Where the RMP's entries stand.</typeparam>
/// <remarks>
/// <para>Source: AMD SEV-SNP firmware ABI; AMD SEV firmware, sev_mcmd.c. There is no state of a guest, no content and no key: a command tests and changes entries.</para>
/// <para>Firmware is one processor: one thread at a time may run commands. Any other threads may execute instructions on the table meanwhile, except during <see cref="SnpInit"/>. A page that another processor is changing just then counts as what it was before. A command on several pages is as many transitions, one after the other; each of them is atomic.</para>
/// <para>Tests of a page come in this order: alignment, and that it is none of the RMP's own (INVALID_ADDRESS), covered (INVALID_PAGE_STATE), size of the RMP page (INVALID_PAGE_SIZE), state (INVALID_PAGE_STATE), then what the command asks besides. A command that is refused has changed nothing. Any address is a value; no command on pages throws or allocates.</para>
/// </remarks>
public sealed partial class SevFirmware<TGeometry>
    where TGeometry : struct, IRmpGeometry
{
    /// <summary>Makes the firmware of a machine, before SNP_INIT.</summary>
    /// <param name="table">The machine's RMP; the caller disposes it after the last command.</param>
    public SevFirmware(ReverseMapTable<TGeometry> table)
    {
        ArgumentNullException.ThrowIfNull(table);
        Table = table;
    }

    /// <summary>The RMP.</summary>
    public ReverseMapTable<TGeometry> Table { get; }

    /// <summary>SYSCFG.SNP_EN, as firmware finds it on all cores. While it is false every command ends with INVALID_CONFIG.</summary>
    public bool IsSnpEnabled { get; set; } = true;

    /// <summary>Whether <see cref="SnpInit"/> succeeded.</summary>
    public bool IsInitialized { get; private set; }

    /// <summary>Finds a page and tests all but its state.</summary>
    private FirmwareStatus Find(PhysicalAddress address, PageSize size, out FirmwarePage page)
    {
        page = default;
        if (!IsSnpEnabled) return FirmwareStatus.InvalidConfig;
        if (!address.IsAligned(size) || HasOwnPages(new PhysicalRange(address, size.Bytes()))) return FirmwareStatus.InvalidAddress;
        if (!Table.TryReadForFirmware(address, out page)) return FirmwareStatus.InvalidPageState;
        return page.Entry.PageSize == size ? FirmwareStatus.Success : FirmwareStatus.InvalidPageSize;
    }

    /// <summary>Finds a page of a state.</summary>
    private FirmwareStatus Find(PhysicalAddress address, PageSize size, PageState state, out FirmwarePage page)
    {
        FirmwareStatus status = Find(address, size, out page);
        if (status != FirmwareStatus.Success) return status;
        return page.State == state ? FirmwareStatus.Success : FirmwareStatus.InvalidPageState;
    }

    /// <summary>Whether an address lies in a guest context page.</summary>
    private bool IsContext(PhysicalAddress address) =>
        Table.TryReadForFirmware(address, out FirmwarePage page) && page.State == PageState.Context;

    /// <summary>Writes a page that has no guest owner: only the bits given, and the size of the page.</summary>
    private FirmwareStatus Write(FirmwarePage page, ulong low)
    {
        Table.RewriteForFirmware(page.Index, new RmpEntry(low, 0).WithPageSize(page.Entry.PageSize));
        return FirmwareStatus.Success;
    }

    /// <summary>Writes a page of a guest.</summary>
    private FirmwareStatus Write(FirmwarePage page, RmpEntry next)
    {
        Table.RewriteForFirmware(page.Index, next);
        return FirmwareStatus.Success;
    }

    /// <summary>A guest's entry as firmware gives it back: validated or not, and open to instructions.</summary>
    private static RmpEntry GivenBack(RmpEntry entry, bool isValidated) => entry.WithValidated(isValidated).WithImmutable(false).WithLock(false);

    /// <summary>A guest's entry as firmware keeps it.</summary>
    private static RmpEntry Held(RmpEntry entry, bool isValidated) => entry.WithValidated(isValidated).WithImmutable(true).WithLock(true);

    private static bool HasReservedBits(VmplPermissions permissions) => (permissions & ~VmplPermissions.All) != 0;
}
