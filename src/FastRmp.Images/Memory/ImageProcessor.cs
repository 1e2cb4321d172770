using System;
using System.Globalization;
using System.Runtime.CompilerServices;
using FastRmp.Paging;

namespace FastRmp.Images;

/// <summary>A processor of a memory image: its registers, what they say about paging, and its translations.</summary>
/// <remarks>Immutable; any threads may use it. Valid while its image is.</remarks>
public sealed class ImageProcessor
{
    private readonly MemoryImage _image;
    private readonly PagingState _state;
    private readonly ImageViewFields _view; // made once: to make one takes half as long as a walk

    internal ImageProcessor(MemoryImage image, int? number, CpuState registers, in PagingState state)
    {
        _image = image;
        Number = number;
        Registers = registers;
        _state = state;
        _view = new ImageViewFields(image.Memory.Source);
    }

    /// <summary>The processor's number in the image; null if the root is the caller's own, or the kernel's reference tables in an image
    /// without registers.</summary>
    public int? Number { get; }

    /// <summary>The registers; CR3 is the root that translations follow.</summary>
    public CpuState Registers { get; }

    /// <summary>What walks of its tables depend on, for <see cref="PageWalker"/>, <see cref="MappingEnumerator{TMemory}"/> and
    /// <see cref="DirectMapFinder"/> over <see cref="MemoryImage.Memory"/>.</summary>
    public PagingState PagingState => _state;

    /// <summary>Translates an address as the processor does, but sets no Accessed or Dirty bits: the image is not changed. Nothing is
    /// allocated, unless a page of a compressed dump is to be decompressed.</summary>
    /// <param name="address">The virtual address.</param>
    /// <param name="access">What the access does, for instance <see cref="MemoryAccess.KernelRead"/>.</param>
    /// <returns>The physical address, or why there is none; <see cref="WalkStatus.OutsideMemory"/> if the image does not hold a table on
    /// the way.</returns>
    /// <exception cref="ObjectDisposedException">The image was disposed.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)] // inside a caller's loop the walk would not be inlined whole
    public WalkResult Translate(VirtualAddress address, MemoryAccess access)
    {
        // The access that nearly all are, known to the compiler: a quarter of the walk is to judge any. Its bits are all zero.
        if (Unsafe.BitCast<MemoryAccess, uint>(access) != 0 || _view.Source!.IsDisposed) return Walk(address, access);
        return PageWalker.Translate(ref ImageMemoryView.Of(in _view), _state, address, MemoryAccess.KernelRead);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WalkResult Walk(VirtualAddress address, MemoryAccess access)
    {
        ObjectDisposedException.ThrowIf(_view.Source!.IsDisposed, _image.Memory);
        return PageWalker.Translate(ref ImageMemoryView.Of(in _view), _state, address, access);
    }

    /// <summary>The input's name, the processor's number and the root.</summary>
    /// <returns>One line of text.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_image.Name}: {(Number is { } number ? $"processor {number}" : "no processor's own root")}, CR3 0x{Registers.Control.Cr3.Value:x}, {(int)_state.TopLevel} levels");
}
