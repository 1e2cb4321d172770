using System;
using System.Globalization;
using FastRmp.Paging;

namespace FastRmp.Tests.Paging;

/// <summary>One row of the access fixture: state, entries, access, result.</summary>
internal sealed class AccessRow
{
    private readonly string[] _cells;

    internal AccessRow(string line) => _cells = line.Split('\t');

    internal string Id => _cells[0];

    internal int Levels => int.Parse(_cells[2], CultureInfo.InvariantCulture);

    internal ulong Va => Hex(12);

    internal bool Twice => Flag(15);

    internal int LeafLevel => _cells[20] == "-" ? 2 : 1;

    internal bool Faults => Flag(21);

    internal uint ErrorCode => (uint)Hex(22);

    internal ulong Pa => Hex(23);

    internal ulong PteAfter => Hex(24);

    internal ulong PdeAfter => Hex(25);

    internal ulong PdeIgnored => Hex(26);

    internal MemoryAccess Access => new(
        _cells[14] switch { "w" => AccessKind.Write, "x" => AccessKind.Fetch, _ => AccessKind.Read }, Flag(13));

    internal PagingState State => new(
        PhysicalAddress.Create(Hex(5)),
        Levels == 5 ? PagingMode.FiveLevel : PagingMode.FourLevel,
        ProcessorModel.Intel with { PhysicalAddressWidth = int.Parse(_cells[3], CultureInfo.InvariantCulture) },
        Flag(6),
        Flag(7),
        Flag(8),
        Flag(9),
        Flag(10) ? new Pkru(Hex(11)) : null);

    /// <summary>The entry of a level before the access.</summary>
    internal ulong Entry(int level) => Hex(21 - level);

    internal ulong Root => Hex(5);

    private bool Flag(int column) => _cells[column] == "1";

    private ulong Hex(int column) => ulong.Parse(_cells[column].AsSpan(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
