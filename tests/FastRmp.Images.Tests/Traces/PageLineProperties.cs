using System;
using System.Text;
using CsCheck;
using Xunit;

namespace FastRmp.Images.Tests.Traces;

public class PageLineProperties
{
    // What a task may be called: any bytes but the line end; spaces in front are indistinguishable from the kernel's padding.
    private static readonly Gen<string> Names = Gen.OneOf(
        Gen.String[Gen.Char['\u0001', '\u00FF'].Where(static c => c is not '\n' and not '\r'), 0, 15],
        Gen.String[AnyOf(' ', '-', '[', ']', '(', ')', ':', '.', '1', 'd', '#'), 0, 15],
        AnyOf("mm_page_alloc", "mm_page_free:", ": mm_page_free", "1: mm_page_fre", "CPU:1", "a-1 [1] . 1:"));

    private static readonly Gen<string> Groups = AnyOf("", "(      1) ", "(-------) ", "(1234567) ");
    private static readonly Gen<string> Flags = AnyOf("", ".....", "d..1.", "dNh2.", "....");
    private static readonly Gen<string> Clocks = AnyOf("    4.137066", "12345.000000", "99999999999", "0");

    private static readonly Gen<string> Pieces = AnyOf(
        "mm_page_alloc", "mm_page_free", ": mm_page_free: ", "a-1 [1] 1: ", " pfn=", "order=1", " migratetype=1", "0x1", ":", " ", "-", "[",
        "]", "(", ")", "1", ".", "page=(null)", "pfn=-1", "kmem:", "kmem:mm_page_alloc: ", "mm_page_free_direct: ", "mm_pagevec_free",
        "mm_page_pcpu_drain: ", " 24) ", "|", "/* ", " */", "=>", "us : ", "0d..1.", "[FAILED TO PARSE]", "CPU:", " [LOST ", " EVENTS]",
        "\0", "\u00FF");

    [Fact]
    public void Whatever_the_kernel_prints_around_an_event_the_event_comes_out() =>
        Gen.Select(
            Names, Gen.Int[0, 99_999_999], Groups, Flags, Clocks,
            Gen.Select(Gen.ULong[0, (1UL << 40) - 1024], Gen.Int[0, 10], Gen.Int[0, 5], Gen.Bool, Gen.Bool))
            .Sample(
                static (name, pid, group, flags, clock, block) =>
                {
                    (ulong frame, int order, int type, bool isRelease, bool hexadecimal) = block;
                    string number = hexadecimal ? $"0x{frame:x}" : $"{frame}";
                    string header = $"{name,16}-{pid,-7} {group}[{pid % 512:d3}] {flags} {clock}: ";
                    string fields = isRelease
                        ? $"mm_page_free: page=00000000fac7d2a6 pfn={number} order={order}"
                        : $"mm_page_alloc: page=00000000fac7d2a6 pfn={number} order={order} migratetype={type} gfp_flags=GFP_KERNEL";
                    PageLine line = default;
                    PageLineStatus status = PageLineParser.Parse(Encoding.Latin1.GetBytes(header + fields), ref line);
                    if (header.StartsWith('#')) return status == PageLineStatus.Other;

                    return status == PageLineStatus.Event
                        && Encoding.Latin1.GetString(line.Task) == name.TrimStart(' ')
                        && line.Frame == (frame == 0 && !isRelease ? ulong.MaxValue : frame) && line.Order == order
                        && line.IsMovable == (type == 1 && !isRelease)
                        && line.Kind == (isRelease ? PageEventKind.Release : PageEventKind.Allocation);
                },
                iter: 30_000,
                seed: "0000KOXnwDc2",
                print: static value => value.ToString());

    [Fact]
    public void Any_bytes_give_an_answer_and_never_an_exception() =>
        Pieces.Array[0, 12]
            .Sample(
                static pieces =>
                {
                    PageLine line = default;
                    PageLineStatus status = PageLineParser.Parse(Encoding.Latin1.GetBytes(string.Concat(pieces)), ref line);
                    return Enum.IsDefined(status);
                },
                iter: 30_000,
                seed: "0000KOXnwDc2");

    private static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);
}
