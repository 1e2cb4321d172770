using System.Globalization;
using System.IO;
using System.Text;

namespace FastRmp.Images.Tests.Replay;

/// <summary>Writes a trace line by line, as ftrace prints it.</summary>
internal sealed class TraceText
{
    internal const string Guest = "busybox-vm1";
    internal const string OtherGuest = "busybox-vm2";
    internal const string Host = "sh";

    private readonly StringBuilder _text = new("# tracer: nop\n#\n");

    /// <summary>The time of the lines that follow.</summary>
    internal double Seconds { get; set; } = 4.137066;

    /// <summary>An allocation of guest memory: movable.</summary>
    internal TraceText Assign(ulong frame, int order = 0, string task = Guest) => Allocate(frame, order, task, 1);

    /// <summary>An allocation by the host, which writes to it.</summary>
    internal TraceText Write(ulong frame, int order = 0) => Allocate(frame, order, Host, 0);

    internal TraceText Allocate(ulong frame, int order, string task, int migrateType) =>
        Line(
            task,
            string.Create(
                CultureInfo.InvariantCulture,
                $"mm_page_alloc: page=00000000aa pfn=0x{frame:x} order={order} migratetype={migrateType} gfp_flags=GFP_KERNEL"));

    /// <summary>An allocation that found no memory.</summary>
    internal TraceText Fail() => Line(Host, "mm_page_alloc: page=(null) pfn=0xffffffffffffffff order=4 migratetype=0 gfp_flags=GFP_KERNEL");

    internal TraceText Free(ulong frame, int order = 0, string task = Guest) =>
        Line(task, string.Create(CultureInfo.InvariantCulture, $"mm_page_free: page=00000000aa pfn=0x{frame:x} order={order}"));

    internal TraceText Line(string task, string rest)
    {
        _text.Append(CultureInfo.InvariantCulture, $"{task,16}-12    [001] .....     {Seconds:F6}: {rest}\n");
        return this;
    }

    internal PageTrace Read()
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(_text.ToString()));
        return PageTrace.Read(stream, "trace");
    }
}
