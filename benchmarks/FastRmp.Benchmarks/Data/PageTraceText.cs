using System;
using System.Globalization;
using System.Text;

namespace FastRmp.Benchmarks.Data;

/// <summary>A page allocator's trace as Linux writes it: guests and the host allocate random pages and release them again.</summary>
internal static class PageTraceText
{
    private const string ForHost = " migratetype=0 gfp_flags=GFP_KERNEL";
    private const string ForGuest = " migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE";
    private const int Frames = 1 << 17;
    private const int Guests = 8;
    private const int Held = 4096; // pages between an allocation and its release

    /// <summary>Makes one.</summary>
    /// <param name="events">How many events, even.</param>
    internal static byte[] Make(long events)
    {
        StringBuilder text = new("# tracer: nop\n");
        Random random = new(89);
        int[] held = new int[Held];
        long freed = 0;
        for (long i = 0; i < events; i++)
        {
            long allocated = i - freed;
            bool frees = freed < allocated && (allocated - freed == Held || i + (allocated - freed) >= events);
            if (frees)
            {
                Add(text, i, task: 0, "mm_page_free", held[freed++ % Held], string.Empty);
                continue;
            }

            int task = random.Next(Guests + 1);
            int frame = random.Next(Frames);
            held[allocated % Held] = frame;
            Add(text, i, task, "mm_page_alloc", frame, task == 0 ? ForHost : ForGuest);
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static void Add(StringBuilder text, long number, int task, string kind, int frame, string rest)
    {
        string name = task == 0 ? "host-1" : string.Create(CultureInfo.InvariantCulture, $"busybox-vm{task}-{100 + task}");
        text.Append(
            CultureInfo.InvariantCulture,
            $"{name,16}      [000] .....  {number / 1e6:F6}: {kind}: page=0000000079ce54fb pfn=0x{frame:x} order=0{rest}\n");
    }
}
