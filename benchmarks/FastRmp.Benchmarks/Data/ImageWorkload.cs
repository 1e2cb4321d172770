using System;
using FastRmp.Benchmarks.Native;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Benchmarks.Data;

/// <summary>A mapped ELF core with the tables of a kernel, or a kdump of these tables, for the library; the core as one flat memory for C,
/// which looks for no segments.</summary>
internal sealed unsafe class ImageWorkload : IDisposable
{
    /// <summary>Mappings of <see cref="KernelSpace"/>.</summary>
    internal const int Leaves = 3_990_564;

    private readonly CoreFile _core = new();
    private readonly NativeBlock _native = new();
    private readonly KdumpFile? _dump;

    /// <summary>Makes the files.</summary>
    /// <param name="isKdump">Whether the library gets the kdump.</param>
    internal ImageWorkload(bool isKdump = false)
    {
        KernelSpace space = new(_core);
        if (isKdump) _dump = new KdumpFile(_core, space.Tables);
        Image = MemoryImage.Open(Path);
        Processor = Image.Processor(0, new PagingOptions { Root = new Cr3(KernelSpace.Root.Value) });
        *NativeMemory = new NativeWalkMemory { Zero = _core.Zero, Start = 0, LastQword = CoreFile.RamEnd - sizeof(ulong) };
        *NativeState = NativeWalkState.From(Processor.PagingState);
    }

    internal MemoryImage Image { get; }

    internal ImageProcessor Processor { get; }

    internal PagingState State => Processor.PagingState;

    /// <summary>The file that the library reads.</summary>
    internal string Path => _dump?.Path ?? _core.Path;

    internal NativeWalkMemory* NativeMemory => (NativeWalkMemory*)_native.Pointer;

    internal NativeWalkState* NativeState => (NativeWalkState*)(_native.Pointer + 64);

    public void Dispose()
    {
        Image.Dispose();
        _native.Dispose();
        _dump?.Dispose();
        _core.Dispose();
    }
}
