namespace FastRmp.Images;

/// <summary>How long each message in the kernel's log is. The text says it only roughly: the kernel writes a message with its level and its
/// line end, moves it over the level, and leaves behind it what was there.</summary>
/// <remarks>Source: Linux kernel/printk/printk_ringbuffer.h.</remarks>
internal sealed class KernelLogRecords
{
    private const ulong StateMask = 3UL << 62; // of a descriptor's state_var; the rest is the record's number
    private const int MaxCountBits = 24;

    private readonly KernelMemory _memory;
    private readonly ulong _descriptors;
    private readonly ulong _descriptorBytes;
    private readonly ulong _infos;
    private readonly ulong _infoBytes;
    private readonly ulong _textLength;
    private readonly ulong _indexMask;

    private KernelLogRecords(
        KernelMemory memory, ulong descriptors, long descriptorBytes, ulong infos, long infoBytes, long textLength, int bits)
    {
        _memory = memory;
        _descriptors = descriptors;
        _descriptorBytes = (ulong)descriptorBytes;
        _infos = infos;
        _infoBytes = (ulong)infoBytes;
        _textLength = (ulong)textLength;
        _indexMask = (1UL << bits) - 1;
    }

    /// <summary>The records of a ring; null if the notes do not tell their layout.</summary>
    /// <param name="memory">The kernel's memory.</param>
    /// <param name="notes">VMCOREINFO.</param>
    /// <param name="buffer">The ring.</param>
    internal static KernelLogRecords? Of(KernelMemory memory, VmCoreInfo notes, ulong buffer)
    {
        if (!notes.TryGetOffset("printk_ringbuffer.desc_ring", out long ring)
            || !notes.TryGetOffset("prb_desc_ring.count_bits", out long count)
            || !notes.TryGetOffset("prb_desc_ring.descs", out long descriptors)
            || !notes.TryGetOffset("prb_desc_ring.infos", out long infos)
            || !notes.TryGetOffset("prb_desc.state_var", out long state)
            || !notes.TryGetOffset("printk_info.text_len", out long length)
            || !notes.TryGetSize("prb_desc", out long descriptorBytes)
            || !notes.TryGetSize("printk_info", out long infoBytes)
            || !memory.TryRead(buffer + (ulong)(ring + count), out ulong bits)
            || !memory.TryRead(buffer + (ulong)(ring + descriptors), out ulong firstDescriptor)
            || !memory.TryRead(buffer + (ulong)(ring + infos), out ulong firstInfo)
            || (uint)bits > MaxCountBits)
        {
            return null;
        }

        return new KernelLogRecords(memory, firstDescriptor + (ulong)state, descriptorBytes, firstInfo, infoBytes, length, (int)(uint)bits);
    }

    /// <summary>The length of the message of a record that is still in the log.</summary>
    /// <param name="number">The record's number, which stands before its text.</param>
    /// <param name="length">Its bytes.</param>
    internal bool TryGetLength(ulong number, out int length)
    {
        length = 0;
        ulong index = number & _indexMask;
        if (!_memory.TryRead(_descriptors + (index * _descriptorBytes), out ulong state)) return false;
        if (((state ^ number) & ~StateMask) != 0) return false; // the place is another record's by now
        if (!_memory.TryRead(_infos + (index * _infoBytes) + _textLength, out ulong info)) return false;
        length = (ushort)info;
        return true;
    }
}
