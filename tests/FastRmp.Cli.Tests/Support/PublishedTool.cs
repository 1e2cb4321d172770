using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading.Tasks;

namespace FastRmp.Cli.Tests.Support;

/// <summary>Runs a published tool as a process of its own, with nothing that is a terminal.</summary>
internal static class PublishedTool
{
    private const int MillisecondsAtMost = 120_000;

    internal static ToolResult Run(string path, byte[] input, string[] args)
    {
        ProcessStartInfo start = new(path, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        Feed(process, input);
        if (!process.WaitForExit(MillisecondsAtMost))
        {
            process.Kill();
            throw new IOException($"'{path} {string.Join(' ', args)}' was still running after {MillisecondsAtMost / 1000} s.");
        }

        return new ToolResult(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>A tool that needs no more of its input closes it, which is no failure of the test.</summary>
    private static void Feed(Process process, byte[] input)
    {
        try
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
        }
    }
}
