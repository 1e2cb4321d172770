using BenchmarkDotNet.Running;

namespace FastRmp.Benchmarks;

/// <summary>Without a command: BenchmarkDotNet's own options under the settings of <see cref="Settings"/>.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, Settings.Create());
        return 0;
    }
}
