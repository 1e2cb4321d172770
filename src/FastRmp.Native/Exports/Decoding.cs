using System;
using System.Runtime.InteropServices;
using System.Text;

namespace FastRmp.Native;

/// <summary>Raw values in words.</summary>
internal static unsafe class Decoding
{
    /// <summary>frmp_decode.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_decode")]
    internal static int Decode(uint layout, ulong low, ulong high, byte* buffer, ulong size, ulong* length)
    {
        try
        {
            if (buffer is null || length is null) return Refusals.Null(buffer is null ? "buffer" : "length");
            *length = 0;
            if (size is 0 or > int.MaxValue) return Refusals.Size("size", size, 1);
            string text = layout switch
            {
                0 => new RmpEntry(low, high).ToString(),
                1 => new RmpUpdateOperand(low, high).ToString(),
                2 => new RmpReadOutput(low, high).ToString(),
                3 => new RmpAdjustOperand(low).ToString(),
                4 => new PageFaultErrorCode(low).ToString(),
                5 => new NestedPageFaultCode(low).ToString(),
                6 => new PagingEntry(low).ToString(),
                _ => "",
            };
            if (text.Length == 0) return Refusals.Value("layout", layout);
            Span<byte> room = new(buffer, (int)size);
            int taken = Math.Min(text.Length, room.Length - 1);
            int written = Encoding.UTF8.GetBytes(text.AsSpan(0, taken), room); // the words are ASCII
            room[written] = 0;
            *length = (ulong)text.Length;
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }
}
