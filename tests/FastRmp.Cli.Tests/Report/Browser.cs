using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Xunit;

namespace FastRmp.Cli.Tests.Report;

/// <summary>A browser without a window.</summary>
internal static class Browser
{
    private const int MillisecondsAtMost = 300_000;

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    /// <summary>Skips the test where there is no browser.</summary>
    internal static void Require()
    {
        if (Find() is null)
        {
            Assert.Skip("No Chromium in PATH (Debian: apt-get install chromium; Fedora: dnf install chromium).");
        }
    }

    /// <summary>Opens a page and lets the browser do one thing.</summary>
    /// <returns>Its standard output, and what it said about the page.</returns>
    internal static (string Output, string Told) Run(string folder, string name, string html, params string[] arguments)
    {
        string page = Path.Combine(folder, name);
        File.WriteAllText(page, html);
        ProcessStartInfo start = new(Find()!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        string[] all =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
            "--disable-background-networking", "--enable-logging=stderr", $"--user-data-dir={Path.Combine(folder, "profile")}",
            .. arguments, new Uri(page).AbsoluteUri,
        ];
        foreach (string argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(MillisecondsAtMost))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"The browser did not end within {MillisecondsAtMost / 1000} s.");
        }

        Assert.Equal(0, process.ExitCode);
        return (output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    private static string? Find() => Names
        .SelectMany(static name => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);
}
