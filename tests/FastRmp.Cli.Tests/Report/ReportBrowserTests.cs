using System;
using System.Buffers.Binary;
using System.IO;
using System.Linq;
using System.Text;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Report;

/// <summary>The page in a browser: it is drawn in both schemes, its script runs and nothing is complained about.</summary>
public sealed class ReportBrowserTests : IDisposable
{
    private const int Width = 1280;
    private const int Height = 1600;
    private const string Light = "--blink-settings=preferredColorScheme=1";
    private const string Dark = "--blink-settings=preferredColorScheme=0";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fastrmp");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_script_draws_memory_at_the_time_of_the_slider()
    {
        string html = File.ReadAllText(Write());
        (string dom, string told) = Browser.Run(_folder.FullName, "page.html", html, "--dump-dom");
        Assert.DoesNotContain("CONSOLE", told, StringComparison.Ordinal); // what the policy refuses or a script throws is told there
        Assert.Contains("class=\"moves\"", dom, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"memory\" hidden", dom, StringComparison.Ordinal);
        string before = Between(dom, "id=\"memory-now\">", "<");
        Assert.Matches("^[0-9.]+ (ns|us|ms|s): guests own pages in [1-9][0-9]* cells, [0-9]+ split$", before);

        // a copy that allows another script, which does what a hand on the keys does
        string policy = Between(html, "<meta http-equiv=", "/>");
        string moved = html.Replace($"<meta http-equiv={policy}/>", string.Empty, StringComparison.Ordinal).Replace(
            "</body>",
            "<script>var t=document.getElementById('memory-time');t.value='0';t.dispatchEvent(new Event('input'));</script></body>",
            StringComparison.Ordinal);
        Assert.NotEqual(html.Length, moved.Length);
        (dom, _) = Browser.Run(_folder.FullName, "moved.html", moved, "--dump-dom");
        Assert.Equal("0 ns: guests own pages in 0 cells, 0 split", Between(dom, "id=\"memory-now\">", "<"));
    }

    [Fact]
    public void It_is_drawn_light_dark_narrow_and_without_scripts()
    {
        string html = File.ReadAllText(Write());
        byte[][] pictures =
        [
            Picture(html, Light, Width), Picture(html, Dark, Width), Picture(html, Light, Width / 3),
            Picture(html[..html.LastIndexOf("<script>", StringComparison.Ordinal)] + "</body></html>", Light, Width),
        ];
        Assert.Equal(pictures.Length, pictures.Select(static one => Convert.ToHexString(one)).Distinct().Count());
        Assert.All(pictures, static one => Assert.InRange(one.Length, 40_000, 5_000_000)); // more than a blank page
    }

    private static string Between(string text, string start, string end)
    {
        int from = text.IndexOf(start, StringComparison.Ordinal);
        Assert.True(from >= 0, $"There is no {start}.");
        from += start.Length;
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }

    private byte[] Picture(string html, string scheme, int width)
    {
        string picture = Path.Combine(_folder.FullName, "picture.png");
        File.Delete(picture);

        // first comes memory, which is drawn in another way without scripts
        string shown = html.Replace(
            "</style>", "main { display: flex; flex-direction: column; } .instants, .moving { order: -1; }</style>",
            StringComparison.Ordinal);
        Browser.Run(_folder.FullName, "page.html", shown, $"--screenshot={picture}", $"--window-size={width},{Height}", scheme);
        byte[] bytes = File.ReadAllBytes(picture);
        Assert.Equal("\u0089PNG", Encoding.Latin1.GetString(bytes, 0, 4));
        Assert.Equal((width, Height), (Number(bytes, 16), Number(bytes, 20)));
        return bytes;
    }

    private static int Number(byte[] bytes, int at) => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));

    private string Write()
    {
        Browser.Require();
        string path = Path.Combine(_folder.FullName, "report.html");
        Assert.Equal(0, Tool.Run("replay", "--report", path).Code);
        return path;
    }
}
