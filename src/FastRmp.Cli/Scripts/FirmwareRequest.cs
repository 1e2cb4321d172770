using System.Collections.Generic;
using FastRmp.Firmware;

namespace FastRmp.Cli.Scripts;

/// <summary>A command of firmware with its arguments; each command looks at its own.</summary>
/// <remarks>Mutable while a line is parsed: the fields come one after the other.</remarks>
internal struct FirmwareRequest
{
    /// <summary>What to do.</summary>
    internal FirmwareCommand Command;

    /// <summary>The page; of a move the source, of a command on a guest its context.</summary>
    internal PhysicalAddress Page;

    /// <summary>The other page: the destination of a move or of what is swapped out, the source of what is swapped in.</summary>
    internal PhysicalAddress Other;

    /// <summary>Whether there is another page.</summary>
    internal bool HasOther;

    /// <summary>The guest's context page.</summary>
    internal PhysicalAddress Context;

    /// <summary>Whether a context is named.</summary>
    internal bool HasContext;

    /// <summary>Size of the page.</summary>
    internal PageSize Size;

    /// <summary>The ASID to activate or to report on.</summary>
    internal uint Asid;

    /// <summary>The page type's number.</summary>
    internal byte Type;

    /// <summary>Whether a type is named.</summary>
    internal bool HasType;

    /// <summary>Whether a page or a guest is a migration image's.</summary>
    internal bool IsMigrationImage;

    /// <summary>Whether what is swapped in stays where it is.</summary>
    internal bool IsInPlace;

    /// <summary>Address of the metadata entry.</summary>
    internal PhysicalAddress Entry;

    /// <summary>Whether a metadata entry is named; the guest's root entry else.</summary>
    internal bool HasEntry;

    /// <summary>What the line itself says of a page that is swapped in.</summary>
    internal MetadataEntry Sealed;

    /// <summary>Whether the line says it.</summary>
    internal bool IsSealed;

    /// <summary>Permissions of VMPL1 to VMPL3.</summary>
    internal VmplPermissions Mask1;
    internal VmplPermissions Mask2;
    internal VmplPermissions Mask3;

    /// <summary>The policy of a launch.</summary>
    internal GuestPolicy Policy;

    /// <summary>The parameters of SNP_INIT.</summary>
    internal InitRanges? Init;

    /// <summary>Whether SNP_INIT builds the table.</summary>
    internal bool InitRmp;

    /// <summary>The length field.</summary>
    internal uint Length;

    /// <summary>Whether a shutdown is SNP_SHUTDOWN_EX, and its flags.</summary>
    internal bool IsExtended;
    internal bool IommuShutdown;
    internal bool X86Shutdown;

    /// <summary>Whether WBINVD was not executed before DF_FLUSH.</summary>
    internal bool IsWithoutWbinvd;

    /// <summary>The range list of PAGE_SET_STATE.</summary>
    internal List<PageRangeEntry>? Ranges;
}
