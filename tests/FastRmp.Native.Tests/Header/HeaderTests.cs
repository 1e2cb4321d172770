using System;
using System.IO;
using FastRmp.Native.Tests.Support;
using Xunit;

namespace FastRmp.Native.Tests.Header;

/// <summary>The header says what the library's declarations say. FASTRMP_WRITE_HEADER=1 writes it anew.</summary>
public sealed class HeaderTests
{
    private const string Begin = "compares it with them. Do not edit. ---- */\n";
    private const string End = "\n/* ---- End of what is generated. ---- */";

    [Fact]
    public void The_generated_part_is_that_of_the_declarations()
    {
        string path = Path.Combine(Places.Repository, "src/FastRmp.Native/include/fastrmp.h");
        string header = File.ReadAllText(path);
        int from = header.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int to = header.IndexOf(End, StringComparison.Ordinal);
        Assert.InRange(to, from, header.Length);
        string expected = HeaderConstants.Text();
        if (Environment.GetEnvironmentVariable("FASTRMP_WRITE_HEADER") == "1")
        {
            File.WriteAllText(path, header[..from] + expected + header[to..]);
            return;
        }

        Assert.Equal(expected, header[from..to]);
    }
}
