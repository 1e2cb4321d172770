using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace FastRmp.Fuzz;

/// <summary>Feeds damaged input to the readers: alone, or under a fuzzer that SharpFuzz connects.</summary>
internal static class Program
{
    private const string Usage = """
        usage: FastRmp.Fuzz list
               FastRmp.Fuzz run TARGET|all [--seconds N] [--seed S] [--failures FOLDER]
               FastRmp.Fuzz replay TARGET FILE…
               FastRmp.Fuzz seeds TARGET FOLDER
               FastRmp.Fuzz afl TARGET
        """;

    private static int Main(string[] args)
    {
        try
        {
            switch (args)
            {
                case ["list"]:
                    foreach (FuzzTarget target in FuzzTargets.All) Console.WriteLine($"{target.Name,-18}{target.Seeds.Count,4} seeds");
                    return 0;
                case ["run", string name, .. string[] options]:
                    return Run(name, options);
                case ["replay", string name, .. string[] files] when files.Length != 0:
                    return Replay(FuzzTargets.Named(name), files);
                case ["seeds", string name, string folder]:
                    return WriteSeeds(FuzzTargets.Named(name), folder);
                case ["afl", string name]:
                    Afl(FuzzTargets.Named(name));
                    return 0;
                default:
                    Console.Error.WriteLine(Usage);
                    return 2;
            }
        }
        catch (ArgumentException wrong)
        {
            Console.Error.WriteLine(wrong.Message);
            return 2;
        }
    }

    private static int Run(string name, string[] options)
    {
        int seconds = 60;
        int seed = 1;
        string? failures = null;
        for (int index = 0; index + 1 < options.Length; index += 2)
        {
            switch (options[index])
            {
                case "--seconds":
                    seconds = int.Parse(options[index + 1], CultureInfo.InvariantCulture);
                    break;
                case "--seed":
                    seed = int.Parse(options[index + 1], CultureInfo.InvariantCulture);
                    break;
                case "--failures":
                    failures = options[index + 1];
                    break;
                default:
                    throw new ArgumentException($"'{options[index]}' is no option");
            }
        }

        IReadOnlyList<FuzzTarget> targets = name == "all" ? FuzzTargets.All : [FuzzTargets.Named(name)];
        long inputs = 0;
        int found = 0;
        foreach (FuzzTarget target in targets)
        {
            Campaign campaign = new(target, seed, failures, Console.Error);
            Console.WriteLine(campaign.Run(TimeSpan.FromSeconds((double)seconds / targets.Count)));
            inputs += campaign.Inputs;
            found += campaign.Failures;
        }

        Console.WriteLine($"{inputs} inputs, {found} failures, {Environment.WorkingSet >> 20} MiB");
        return found == 0 ? 0 : 1;
    }

    private static int Replay(FuzzTarget target, string[] files)
    {
        foreach (string file in files)
        {
            bool isWhole = FuzzCheck.Run(target, File.ReadAllBytes(file));
            Console.WriteLine($"{file}: {(isWhole ? "read" : "refused")}");
        }

        return 0;
    }

    private static int WriteSeeds(FuzzTarget target, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach ((int index, byte[] seed) in target.Seeds.Index())
        {
            File.WriteAllBytes(Path.Combine(folder, $"{target.Name}-{index}"), seed);
        }

        return 0;
    }

    private static void Afl(FuzzTarget target) => SharpFuzz.Fuzzer.OutOfProcess.Run(stream =>
    {
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        _ = FuzzCheck.Run(target, bytes.ToArray());
    });
}
