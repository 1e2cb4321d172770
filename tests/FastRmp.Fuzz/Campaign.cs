using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Fuzz;

/// <summary>Damages seeds, and what took new branches, until the time is over.</summary>
/// <remarks>With one seed of the generator it does the same every time, as far as the time goes.</remarks>
internal sealed class Campaign(FuzzTarget target, int seed, string? failures, TextWriter errors)
{
    private const int MostInput = 1 << 17;
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(200);

    private readonly List<byte[]> _corpus = [.. target.Seeds];
    private readonly Mutator _mutator = new(seed);
    private readonly Random _random = new(seed);
    private readonly HashSet<string> _kinds = [];
    private volatile byte[] _current = [];
    private long _begin;

    /// <summary>Inputs read.</summary>
    internal long Inputs { get; private set; }

    /// <summary>Inputs taken for whole.</summary>
    internal long Whole { get; private set; }

    /// <summary>Failures of a kind of their own.</summary>
    internal int Failures => _kinds.Count;

    /// <summary>Runs.</summary>
    /// <param name="time">How long at least.</param>
    /// <param name="inputs">How many inputs at least.</param>
    /// <returns>A line of figures.</returns>
    internal string Run(TimeSpan time, long inputs = 0)
    {
        Coverage coverage = new();
        using Timer watch = new(_ => Watch(), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        int seeds = _corpus.Count;
        Stopwatch clock = Stopwatch.StartNew();
        TimeSpan slowest = TimeSpan.Zero;
        for (int index = 0; index < seeds; index++) Read(_corpus[index], coverage);
        while (clock.Elapsed < time || Inputs < inputs)
        {
            byte[] input = Next();
            if (input.Length > MostInput) continue;
            long begin = Stopwatch.GetTimestamp();
            if (Read(input, coverage)) _corpus.Add(input);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(begin);
            if (elapsed <= slowest) continue;
            slowest = elapsed;
            if (elapsed > Slow && failures is not null) Save(input, "slowest");
        }

        Volatile.Write(ref _begin, 0);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{target.Name,-18}{Inputs,10} inputs  {Whole,9} whole  {coverage.Branches,6} branches  {_corpus.Count - seeds,6} kept  slowest {slowest.TotalMilliseconds,6:F0} ms  {Failures} failures");
    }

    // A seed of its own, or what was kept; now and then two of them joined.
    private byte[] Next()
    {
        byte[] original = _corpus[_random.Next(_corpus.Count)];
        byte[] damaged = _mutator.Mutate(original, target.Head);
        if (_random.Next(16) != 0) return damaged;
        byte[] other = _corpus[_random.Next(_corpus.Count)];
        return [.. damaged.AsSpan(0, _random.Next(damaged.Length + 1)), .. other.AsSpan(_random.Next(other.Length + 1))];
    }

    private bool Read(byte[] input, Coverage coverage)
    {
        _current = input;
        Volatile.Write(ref _begin, Stopwatch.GetTimestamp());
        Coverage.Begin();
        Inputs++;
        try
        {
            if (FuzzCheck.Run(target, input)) Whole++;
        }
        catch (FuzzFailure failure)
        {
            Report(input, failure);
        }

        return coverage.IsNews();
    }

    // One of each kind is enough: where the exception was thrown tells kinds apart.
    private void Report(byte[] input, FuzzFailure failure)
    {
        Exception cause = failure.InnerException ?? failure;
        string place = (cause.StackTrace ?? string.Empty).Split('\n')[0].Trim();
        string kind = $"{cause.GetType().Name} {place}";
        if (failure.InnerException is null) kind = failure.Message[..Math.Min(failure.Message.Length, 60)];
        if (!_kinds.Add(kind)) return;
        errors.WriteLine($"FAILURE {failure.Message}\n{failure.InnerException?.StackTrace}\n{Save(input, "failure")}");
    }

    // What never ends is not stopped by an exception: the process ends, and the input stays.
    private void Watch()
    {
        long begin = Volatile.Read(ref _begin);
        if (begin == 0 || Stopwatch.GetElapsedTime(begin) < 3 * FuzzCheck.Patience) return;
        Environment.FailFast($"{target.Name} does not end: {Save(_current, "hang")}");
    }

    private string Save(byte[] input, string what)
    {
        if (failures is null) return Convert.ToHexString(input.AsSpan(0, Math.Min(input.Length, 64)));
        Directory.CreateDirectory(failures);
        string path = Path.Combine(failures, $"{target.Name}-{what}-{Failures}.bin");
        File.WriteAllBytes(path, input);
        return path;
    }
}
