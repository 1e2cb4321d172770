using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Reflection;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Gating;

namespace FastRmp.Benchmarks;

/// <summary>The command <c>check</c>: every operation once, in this process, in seconds: C# and C agree (the setup of each class demands
/// it) and nothing is allocated.</summary>
/// <remarks>The ratio that it prints is of the fastest of a few rounds, taken in turns: an idea, never a figure to record.</remarks>
internal static class CheckCommand
{
    private const int Rounds = 60;
    private const double RoundMilliseconds = 1; // of the slower side: on a busy machine longer ones are never left alone

    // What is called often is compiled anew 100 ms after the last first call of anything, with one processor after 1 s.
    private static readonly double WarmUpMilliseconds = Environment.ProcessorCount > 1 ? 300 : 1500;

    /// <summary>Runs the operations.</summary>
    /// <param name="parts">Parts of their names; none for all.</param>
    /// <returns>0 if all agree and none allocates, else 1.</returns>
    /// <exception cref="FormatException">No operation has one of them in its name.</exception>
    internal static int Run(IReadOnlyCollection<string> parts)
    {
        List<Operation> operations = Operation.Named(Operation.All, parts);
        int failures = 0;
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{"operation",-40}{"rough ratio",12}{"ns",12}{"ns of C",12}{"bytes",8}"));
        foreach (Operation operation in operations)
        {
            try
            {
                failures += Check(operation) ? 0 : 1;
            }
            catch (TargetInvocationException failure) when (failure.InnerException is InvalidOperationException disagreement)
            {
                failures++;
                Console.WriteLine($"{operation.Name,-40}FAILED: {disagreement.Message}");
            }
        }

        Console.WriteLine(failures == 0 ? "All agree." : $"{failures} failed.");
        return failures == 0 ? 0 : 1;
    }

    private static bool Check(Operation operation)
    {
        Type type = typeof(CheckCommand).Assembly.GetType(operation.TypeName, throwOnError: true)!;
        object instance = Activator.CreateInstance(type)!;
        SetParameters(instance, operation.Parameters);
        MarkedWith<GlobalSetupAttribute>(type).Invoke(instance, null);
        Action measured = Caller(instance, Operation.Library, out int operations);
        Action compared = Caller(instance, operation.Reference, out _);
        long bytes = BytesOf(measured);
        WarmUp(measured);
        int calls = Math.Min(CallsFor(measured), CallsFor(compared));
        double least = double.MaxValue;
        double leastOfC = double.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            least = Math.Min(least, Time(measured, calls));
            leastOfC = Math.Min(leastOfC, Time(compared, calls));
        }

        MarkedWith<GlobalCleanupAttribute>(type).Invoke(instance, null);
        double scale = 1e6 / ((double)calls * operations);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{operation.Name,-40}{least / leastOfC,12:F2}{least * scale,12:F1}{leastOfC * scale,12:F1}{bytes,8}"));
        return bytes == 0;
    }

    private static MethodInfo MarkedWith<TAttribute>(Type type)
        where TAttribute : Attribute => type.GetMethods().Single(static method => method.GetCustomAttribute<TAttribute>() is not null);

    private static Action Caller(object instance, string method, out int operations)
    {
        MethodInfo found = instance.GetType().GetMethod(method) ?? throw new MissingMethodException(instance.GetType().Name, method);
        operations = found.GetCustomAttribute<BenchmarkAttribute>()!.OperationsPerInvoke;
        if (found.ReturnType == typeof(int))
        {
            Func<int> small = found.CreateDelegate<Func<int>>(instance);
            return () => small();
        }

        Func<ulong> large = found.CreateDelegate<Func<ulong>>(instance);
        return () => large();
    }

    private static void SetParameters(object instance, string parameters)
    {
        foreach (string assignment in parameters.Trim('(', ')').Split(", ", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = assignment.Split(": ");
            PropertyInfo property =
                instance.GetType().GetProperty(parts[0]) ?? throw new MissingMemberException(instance.GetType().Name, parts[0]);
            object value = property.PropertyType.IsEnum
                ? Enum.Parse(property.PropertyType, parts[1])
                : Convert.ChangeType(parts[1], property.PropertyType, CultureInfo.InvariantCulture);
            property.SetValue(instance, value);
        }
    }

    private static long BytesOf(Action action)
    {
        for (int i = 0; i < 3; i++)
        {
            action();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void WarmUp(Action action)
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started).TotalMilliseconds < WarmUpMilliseconds)
        {
            action();
        }
    }

    private static int CallsFor(Action action)
    {
        double once = Math.Max(Enumerable.Range(0, 3).Min(_ => Time(action, 1)), 1e-6);
        return Math.Max(1, (int)(RoundMilliseconds / once));
    }

    private static double Time(Action action, int calls)
    {
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            action();
        }

        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
