using System.Globalization;

namespace FastRmp.Qemu;

/// <summary>Stores of one instruction that the RMP forbids.</summary>
/// <param name="Rip">The instruction.</param>
/// <param name="VirtualAddress">Where the first one went.</param>
/// <param name="Page">Its physical address.</param>
/// <param name="Mapping">The size of its mapping.</param>
/// <param name="Code">The page fault's error code.</param>
/// <param name="Count">How many there were.</param>
internal readonly record struct Violation(
    ulong Rip, ulong VirtualAddress, PhysicalAddress Page, PageSize Mapping, PageFaultErrorCode Code, long Count = 1)
{
    /// <summary>The function that the instruction is in, and how far; null if it is not known.</summary>
    internal string? Function { get; init; }

    /// <summary>The page for which the first store was refused: its own, or another one of its region; null if it was given back
    /// meanwhile.</summary>
    internal PhysicalAddress? Refusing { get; init; }

    /// <summary>That page's entry.</summary>
    internal RmpEntry Entry { get; init; }

    /// <summary>The event <c>fault</c> of a trace, which <c>fastrmp explain</c> explains; not how often.</summary>
    public override string ToString()
    {
        string size = Mapping switch { PageSize.Size4K => "4k", PageSize.Size2M => "2m", _ => "1g" };
        string function = Function is null ? "" : $" symbol={Function}";
        string entry = Refusing is not { } page ? "" : string.Create(
            CultureInfo.InvariantCulture, $" entry=0x{page.Value:x}:0x{Entry.Low:x}:0x{Entry.High:x}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"fault spa=0x{Page.Value:x} va=0x{VirtualAddress:x} rip=0x{Rip:x}{function} size={size} code=0x{Code.Value:x}{entry}");
    }
}
