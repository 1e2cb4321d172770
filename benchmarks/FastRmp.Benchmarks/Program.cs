using System;
using System.Collections.Generic;
using System.Linq;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using FastRmp.Benchmarks.Commands;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>Without a command of its own: BenchmarkDotNet's options under the settings of <see cref="Settings"/>.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        try
        {
            return Dispatch(args);
        }
        catch (FormatException wrong)
        {
            return Refuse(wrong.Message);
        }
    }

    private static int Dispatch(string[] args)
    {
        if (args is ["help"] or ["--help"] or ["-h"])
        {
            Console.Write(CommandHelp.Text());
            return 0;
        }

        if (args is ["history", .. string[] options]) return HistoryCommand.Run(options);
        if (args is ["widths"]) return WidthsCommand.Run();
        if (args is ["open"]) return OpenCommand.Run(); // these need no C
        if (args is ["logs"]) return LogsCommand.Run();
        if (args is ["images"]) return ImagesCommand.Run();
        try
        {
            _ = NativeBaselines.Compiler;
        }
        catch (TypeInitializationException failure) when (failure.InnerException is DllNotFoundException)
        {
            return Refuse(failure.InnerException.Message);
        }
        catch (DllNotFoundException missing)
        {
            return Refuse(missing.Message);
        }

        switch (args)
        {
            case ["gate"]:
                return GateCommand.Check();
            case ["gate", "--record", .. string[] recorded]:
                return GateCommand.Record(Parts(recorded));
            case ["gate", "--planted"]:
                return GateCommand.Planted();
            case ["check", .. string[] looked]:
                return CheckCommand.Run(Parts(looked));
            case ["table", "native"]:
                return NativeTableCommand.Run();
            case ["table", "native", "--record"]:
                return NativeTableCommand.Record();
            case ["traces"]:
                return TracesCommand.Run(TracesCommand.Publish());
            case ["traces", string tool]:
                return TracesCommand.Run(tool);
            case ["cache"]:
                return CacheCommand.Run();
            case ["scale", .. string[] scaling]:
                return ScaleCommand.Run(scaling);
            case ["growth", .. string[] growing]:
                return GrowthCommand.Run(growing);
            case ["table"]:
                return GateCommand.Table();
            default:
                return BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, Settings.Create(ConsoleLogger.Default)).Any()
                    ? 0
                    : 1;
        }
    }

    private static List<string> Parts(string[] arguments) => Options.Parse(arguments, [], [], mostWords: int.MaxValue).Words;

    private static int Refuse(string message)
    {
        Console.Error.WriteLine($"benchmarks: {message}");
        return 1;
    }
}
