using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using FastRmp.DirectMap;
using FastRmp.Paging;
using FastRmp.Tests.Paging;
using FastRmp.Tests.Paging.Nested;
using Xunit;

namespace FastRmp.Tests.Totality;

/// <summary>Every public method of the RMP, its checks, walks, IOMMU, addresses, direct map and host with any arguments: a result, or an
/// exception that says that the caller was wrong; nothing else, and soon.</summary>
public sealed class TotalityTests
{
    private const int Rounds = 60;

    private static readonly string[] Namespaces = ["FastRmp", "FastRmp.DirectMap", "FastRmp.Iommu", "FastRmp.Paging"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void No_argument_leads_anywhere_but_to_a_result_or_an_argument_exception(int seed)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        using NestedGuestSetup deep = new(5, 5, isEncrypted: true);
        using HostDirectMap map = new([new PhysicalRange(default, 0x1_0000_0000)], new DirectMapOptions());
        SnpHost<ContiguousGeometry, OnDemand> host = new(setup.Pair.Table, map, maxRetries: 3);
        setup.Pair.Enable();
        host.EnableSnp();
        Arbitrary values = Values(seed, setup, deep, map, host);
        HashSet<string> called = [];
        int count = 0;
        foreach (MethodBase method in Methods())
        {
            for (int round = 0; round < Rounds; round++)
            {
                if (!TryCall(method, values)) continue;
                called.Add(method.DeclaringType!.Name + "." + method.Name);
                count++;
            }
        }

        // The heart of the matter must have been reached.
        Assert.True(count > 20_000, $"{count}");
        string[] expected =
        [
            "RmpCheck.Guest", "RmpCheck.Host", "RmpCheck.Device", "GuestInstructions.PValidate",
            "GuestInstructions.RmpAdjustReadOnlyTables", "GuestInstructions.RmpQuery", "KvmFaultResult.Predict",
            "HypervisorInstructions.RmpUpdate", "HypervisorInstructions.RmpUpdateReadOnlyTables", "HypervisorInstructions.RmpRead",
            "HypervisorInstructions.PSmash", "HypervisorInstructions.RmpOpt", "ReverseMapTable`1.PagesOf", "OwnedPageEnumerator`1.MoveNext",
            "PageWalker.Access", "NestedWalker.Translate", "MemoryAccess.Explicit", "PagingState..ctor", "PageArithmetic.Shift",
            "PageArithmetic.LeafSize", "VirtualAddress.GetIndex",
            "SnpHost`2.HandlePageFault", "SnpHost`2.HandleGuestFault", "SnpHost`2.MakeShared", "SnpHost`2.Access",
            "GuestRmpCheck`1.CheckAccess", "HostRmpCheck`1.MayAccess", "RmpCheck.EnterVm", "IoPageSize.TryDecode",
            "ReverseMapTable`1.RmpUpdate", "ReverseMapTable`1.PSmash", "ReverseMapTable`1.PValidate", "ReverseMapTable`1.RmpAdjust",
            "ReverseMapTable`1.RmpQuery", "ReverseMapTable`1.RmpRead", "TranslationCache`1.TryTranslate", "TranslationCache`1.AccessNested",
        ];
        Assert.Empty(expected.Except(called));
    }

    private static Arbitrary Values(
        int seed, NestedGuestSetup setup, NestedGuestSetup deep, HostDirectMap map, SnpHost<ContiguousGeometry, OnDemand> host)
    {
        Arbitrary values = new(seed);
        return values
            .With(() => setup.Pair.Table)
            .With(() => map)
            .With(() => host)
            .With(() => new WalkView((values.Next(2) == 0 ? setup : deep).Memory))
            .With(() => (values.Next(2) == 0 ? setup : deep).State())
            .With(() => values.Next(2) == 0 ? setup.GuestState() : deep.HostState())
            .With(() => new VirtualAddress(values.Next(2) == 0 ? setup.Addresses[values.Next(9)] : values.Word()))
            .With(() => values.Next(2) == 0 ? ProcessorModel.Genoa : ProcessorModel.Intel)
            .With(() => new PagingStructureCache(setup.HostState(), 64))
            .With(() => Loaded(values, setup))
            .With(() => new HostRmpCheck<ContiguousGeometry>(setup.Pair.Table))
            .With(() => new GuestRmpCheck<ContiguousGeometry>(setup.Pair.Table, NestedGuestSetup.Asid))
            .With(() => ModelChoices.Default);
    }

    private static TranslationCache<ContiguousGeometry> Loaded(Arbitrary values, NestedGuestSetup setup)
    {
        TranslationCache<ContiguousGeometry> cache = new(setup.Pair.Table, 16);
        if (values.Next(2) == 0) cache.LoadHost(setup.HostState());
        else cache.LoadGuest(setup.State(), (ushort)NestedGuestSetup.Asid);
        return cache;
    }

    private static IEnumerable<MethodBase> Methods()
    {
        foreach (Type open in typeof(RmpCheck).Assembly.GetExportedTypes())
        {
            if (!Namespaces.Contains(open.Namespace) || open.IsEnum || open.IsInterface || open.IsByRefLike) continue;
            if (Close(open) is not { } type) continue;
            const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
            bool ownsMemory = typeof(IDisposable).IsAssignableFrom(type); // not for us to make by the thousand
            foreach (ConstructorInfo constructor in ownsMemory ? [] : type.GetConstructors()) yield return constructor;
            foreach (MethodInfo method in type.GetMethods(Public))
            {
                if (method.Name is "Dispose" or "GetHashCode" or "ToString" or "EnableSnp" || method.ReturnType.IsByRefLike
                    || method.ReturnType.IsByRef)
                {
                    continue;
                }

                // an init accessor: called late, it would change what others share
                if (method.ReturnParameter.GetRequiredCustomModifiers().Length != 0) continue;
                if (typeof(IDisposable).IsAssignableFrom(method.ReturnType)) continue; // reserves memory, of any size that it is asked for
                if (Close(method) is { } closed) yield return closed;
            }
        }
    }

    private static Type? Close(Type open) => open.IsGenericTypeDefinition ? Closed(open.GetGenericArguments(), open.MakeGenericType) : open;

    private static MethodInfo? Close(MethodInfo open) =>
        open.IsGenericMethodDefinition ? Closed(open.GetGenericArguments(), open.MakeGenericMethod) : open;

    private static T? Closed<T>(Type[] parameters, Func<Type[], T> make)
        where T : class
    {
        Type[] arguments = [.. parameters.Select(static p => p.Name switch
        {
            "TGeometry" => typeof(ContiguousGeometry),
            "TPolicy" => typeof(OnDemand),
            "TMemory" => typeof(WalkView),
            "TUpper" => typeof(NoUpperLevels),
            _ =>
                p.GetGenericParameterConstraints().Contains(typeof(INestedWalkCheck))
                    ? typeof(GuestRmpCheck<ContiguousGeometry>)
                    : typeof(HostRmpCheck<ContiguousGeometry>),
        })];
        try
        {
            return make(arguments);
        }
        catch (ArgumentException)
        {
            return null; // another kind of argument than any of these
        }
    }

    private static bool TryCall(MethodBase method, Arbitrary values)
    {
        object? target = method.IsStatic || method is ConstructorInfo ? null : values.Make(method.DeclaringType!);
        if (!method.IsStatic && method is not ConstructorInfo && target is null) return false;
        ParameterInfo[] parameters = method.GetParameters();
        if (parameters.Any(
            static p => p.ParameterType.IsByRefLike || Arbitrary.Plain(p.ParameterType).IsByRefLike || p.ParameterType.IsPointer))
        {
            return false;
        }

        object?[] arguments = [.. parameters.Select(p => values.Make(Arbitrary.Plain(p.ParameterType)))];
        long begun = Stopwatch.GetTimestamp();
        try
        {
            _ = method is ConstructorInfo constructor ? constructor.Invoke(arguments) : method.Invoke(target, arguments);
        }
        catch (TargetInvocationException thrown) when (thrown.InnerException is ArgumentException)
        {
            // The misuse is reported.
        }
        catch (TargetInvocationException thrown) when (thrown.InnerException is InvalidOperationException
            && method.DeclaringType == typeof(TranslationCache<ContiguousGeometry>))
        {
            // A guest's access while the host is loaded, or the other way round.
        }
        catch (TargetInvocationException thrown)
        {
            Assert.Fail($"{method.DeclaringType}.{method.Name}({string.Join(", ", arguments)}) of {target}: {thrown.InnerException}");
        }

        TimeSpan taken = Stopwatch.GetElapsedTime(begun);
        if (taken > TimeSpan.FromSeconds(20)) Assert.Fail($"{method.DeclaringType}.{method.Name}({string.Join(", ", arguments)}): {taken}");
        return true;
    }
}
