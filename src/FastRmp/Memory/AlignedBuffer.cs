using System.Runtime.InteropServices;

namespace FastRmp;

/// <summary>A page-aligned, zeroed native allocation that is freed once, by the finalizer if its owner was not disposed.</summary>
internal sealed unsafe class AlignedBuffer : SafeBuffer
{
    internal AlignedBuffer(nuint bytes)
        : base(ownsHandle: true)
    {
        void* block = NativeMemory.AlignedAlloc(bytes, (nuint)PageSize.Size4K.Bytes());
        SetHandle((nint)block);
        Initialize(bytes);
        NativeMemory.Clear(block, bytes); // Safety: the allocation is exactly this long.
    }

    internal byte* Pointer => (byte*)handle;

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle); // Safety: called once by the base class, with the pointer that AlignedAlloc gave.
        return true;
    }
}
