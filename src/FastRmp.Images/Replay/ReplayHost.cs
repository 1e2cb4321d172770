using System;
using System.Globalization;
using FastRmp.DirectMap;

namespace FastRmp.Images;

/// <summary>The machine that a trace is replayed on.</summary>
internal static class ReplayHost
{
    // Linux's direct map has 64 TiB with four levels, 32 PiB with five.
    private const ulong FourLevelLimit = 1UL << 46;

    /// <summary>Joins ranges that touch, and drops parts of pages.</summary>
    /// <exception cref="MalformedInputException">No whole page is left.</exception>
    internal static PhysicalRange[] WholePages(ReadOnlySpan<PhysicalRange> systemRam, string name) =>
        RamRanges.WholePages(systemRam) is { Length: not 0 } ram ? ram
            : throw new MalformedInputException(InputProblem.InFile(name, "there is no whole page of System RAM to replay it in"));

    internal static ulong Bytes(ReadOnlySpan<PhysicalRange> ram)
    {
        ulong bytes = 0;
        foreach (PhysicalRange range in ram)
        {
            bytes += range.Length;
        }

        return bytes;
    }

    /// <summary>A host with SNP enabled, whose RMP and page tables lie above all RAM.</summary>
    /// <exception cref="MalformedInputException">There is no room for them.</exception>
    internal static SnpHost<ContiguousGeometry, TPolicy> Create<TPolicy>(
        ReadOnlySpan<PhysicalRange> ram, ProcessorModel processor, string name,
        Func<ReverseMapTable<ContiguousGeometry>, IHostInstructions>? instructions = null)
        where TPolicy : struct, IDirectMapPolicy
    {
        ReverseMapTable<ContiguousGeometry>? table = null;
        HostDirectMap? map = null;
        ulong top = ram[^1].End;
        try
        {
            ContiguousGeometry geometry = ContiguousGeometry.Covering(NextGigabyte(top), top);
            table = new ReverseMapTable<ContiguousGeometry>(geometry, processor);
            PagingMode mode = PageArithmetic.ModeOf(top > FourLevelLimit && processor.HasLa57);
            map = new HostDirectMap(
                ram, new DirectMapOptions { Processor = processor, Mode = mode, TableBase = NextGigabyte(geometry.End.Value + 1) });
            SnpHost<ContiguousGeometry, TPolicy> host = new(table, map, instructions: instructions?.Invoke(table));
            host.EnableSnp();
            table = null;
            map = null;
            return host;
        }
        catch (ArgumentException refusal)
        {
            throw NoRoom(top, name, refusal);
        }
        finally
        {
            table?.Dispose();
            map?.Dispose();
        }
    }

    /// <summary>The RMP of such a host alone.</summary>
    /// <exception cref="MalformedInputException">There is no room for it.</exception>
    internal static ReverseMapTable<ContiguousGeometry> CreateTable(
        ReadOnlySpan<PhysicalRange> ram, ProcessorModel processor, string name)
    {
        ulong top = ram[^1].End;
        try
        {
            ReverseMapTable<ContiguousGeometry> table = new(ContiguousGeometry.Covering(NextGigabyte(top), top), processor);
            table.ClaimOwnPages();
            return table;
        }
        catch (ArgumentException refusal)
        {
            throw NoRoom(top, name, refusal);
        }
    }

    /// <summary>The exception of a host with too much RAM.</summary>
    internal static MalformedInputException NoRoom(ulong top, string name, ArgumentException? refusal = null)
    {
        string reason = string.Create(
            CultureInfo.InvariantCulture, $"RAM up to 0x{top - 1:x} leaves no room for the RMP and the page tables of the model");
        InputProblem problem = InputProblem.InFile(name, reason);
        return refusal is null ? new MalformedInputException(problem) : new MalformedInputException(problem, refusal);
    }

    private static PhysicalAddress NextGigabyte(ulong address)
    {
        ulong mask = PageSize.Size1G.OffsetMask();
        return PhysicalAddress.Create((address + mask) & ~mask);
    }
}
