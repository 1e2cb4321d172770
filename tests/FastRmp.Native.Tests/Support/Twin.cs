using System;
using Xunit;

namespace FastRmp.Native.Tests.Support;

/// <summary>The same table twice: the library's own, and one behind the ABI over storage of the test.</summary>
internal sealed unsafe class Twin : IDisposable
{
    private const ulong RmpBase = 0x4000_0000;

    private readonly PinnedMemory _own;
    private readonly PinnedMemory _storage;

    internal Twin(uint preset, int regions, ChoiceWords choices = default, int segmentShift = 0)
    {
        Abi.Start();
        Pages = (ulong)regions * PageSize.Size2M.Pages();
        TableConfig config = new()
        {
            Size = (uint)sizeof(TableConfig),
            RmpBase = RmpBase,
            RmpEnd = RmpBase + ContiguousGeometry.BookkeepingBytes + (Pages * RmpEntry.SizeInBytes) - 1,
            Processor = new ProcessorChoice { Preset = preset },
            Choices = choices,
        };
        ProcessorModel processor = ProcessorModel.Presets[(int)preset];
        ulong[] segments = [];
        if (segmentShift != 0)
        {
            SegmentedGeometry geometry = new(
                PhysicalAddress.Create(RmpBase), segmentShift, [new RmpSegment(0, 1, 0x8000_0000)], processor);
            segments = new ulong[SegmentedGeometry.SegmentTableEntries];
            geometry.CopySegmentTable(segments);
            RmpRegisters of = RmpRegisters.Of(geometry);
            config = config with { RmpEnd = of.RmpEnd, RmpCfg = of.RmpCfg, SegmentEntries = (ulong)segments.Length };
            Pages = geometry.CoveredPages;
        }

        fixed (ulong* entries = segments)
        {
            config = config with { SegmentTable = entries };
            ulong bytes;
            Require(Abi.TableBytes(&config, &bytes));
            _own = PinnedMemory.Reserve(bytes);
            _storage = PinnedMemory.Reserve(bytes);
            ulong handle;
            Require(Abi.TableCreate(&config, _storage.Pointer, bytes, &handle));
            Handle = handle;
            Assert.True(choices.TryDecode(out ModelChoices decoded));
            RmpRegisters registers = new(config.RmpBase, config.RmpEnd, config.RmpCfg);
            Table = ReverseMapTable.Over(_own, registers, segments, processor, decoded);
        }
    }

    /// <summary>The library's.</summary>
    internal ReverseMapTable<RmpGeometry> Table { get; }

    /// <summary>That of the ABI.</summary>
    internal ulong Handle { get; }

    /// <summary>Covered pages.</summary>
    internal ulong Pages { get; }

    /// <summary>The bytes of the ABI's table.</summary>
    internal Span<byte> Storage => _storage.Span(0, (int)_storage.Length);

    /// <summary>Requires that both tables hold the same bytes.</summary>
    internal void RequireSame() => Assert.True(Storage.SequenceEqual(_own.Span(0, (int)_own.Length)), "The tables differ.");

    /// <summary>Requires that a call was not refused.</summary>
    internal static void Require(int code) => Assert.True(code == 0, $"{code}: {Abi.LastText()}");

    public void Dispose()
    {
        Require(Abi.Destroy(Handle));
        Table.Dispose();
        _own.Dispose();
        _storage.Dispose();
    }
}
