using System;
using System.Threading;
using FastRmp.DirectMap;

namespace FastRmp.Images;

/// <summary>Replays a page allocator's trace against an SNP host: guests own what they allocate, the host writes what it
/// allocates.</summary>
/// <remarks>
/// Each replay starts from a new host, so that replays of one plan may run on several threads. A page that is still owned when it is
/// allocated again is released first: its release is missing from the trace. Nothing is allocated for an event.
/// </remarks>
public static class TraceReplay
{
    private static readonly string[] Names =
    [
        Never.Name, Eager.Name, Rejoining<Eager>.Name, LevelAware.Name, Rejoining<LevelAware>.Name, OnDemand.Name, Rejoining<OnDemand>.Name,
    ];

    /// <summary>The names of the policies that come with the library, in the order of reports.</summary>
    public static ReadOnlySpan<string> PolicyNames => Names;

    /// <summary>Replays under a policy.</summary>
    /// <typeparam name="TPolicy">The policy.</typeparam>
    /// <param name="plan">The trace, its RAM and its guests.</param>
    /// <param name="progress">Called now and then with the number of events replayed so far, on the calling thread.</param>
    /// <param name="cancellation">Ends the replay early.</param>
    /// <returns>What was counted.</returns>
    /// <exception cref="MalformedInputException">Above the RAM there is no room for the RMP and the page tables.</exception>
    /// <exception cref="System.IO.IOException">The operating system refused to reserve the RMP or the page tables.</exception>
    /// <exception cref="OperationCanceledException">The replay was cancelled.</exception>
    public static ReplayResult Run<TPolicy>(ReplayPlan plan, Action<long>? progress = null, CancellationToken cancellation = default)
        where TPolicy : struct, IDirectMapPolicy
    {
        ArgumentNullException.ThrowIfNull(plan);
        SnpHost<ContiguousGeometry, TPolicy> host = plan.CreateHost<TPolicy>();
        using ReverseMapTable<ContiguousGeometry> table = host.Table;
        using HostDirectMap map = host.DirectMap;
        return new ReplayRun<TPolicy>(plan, host, cancellation).Run(progress);
    }

    /// <summary>Replays an RMP trace under a policy.</summary>
    /// <typeparam name="TPolicy">The policy.</typeparam>
    /// <param name="plan">The trace and its RAM.</param>
    /// <param name="progress">Called now and then with the number of events replayed so far, on the calling thread.</param>
    /// <param name="cancellation">Ends the replay early.</param>
    /// <returns>What was counted.</returns>
    /// <remarks>Instructions that failed when they were recorded fail here too, after the policy did what it does before an
    /// RMPUPDATE.</remarks>
    /// <exception cref="MalformedInputException">Above the RAM there is no room for the RMP and the page tables.</exception>
    /// <exception cref="System.IO.IOException">The operating system refused to reserve the RMP or the page tables.</exception>
    /// <exception cref="OperationCanceledException">The replay was cancelled.</exception>
    public static ReplayResult Run<TPolicy>(RmpReplayPlan plan, Action<long>? progress = null, CancellationToken cancellation = default)
        where TPolicy : struct, IDirectMapPolicy
    {
        ArgumentNullException.ThrowIfNull(plan);
        RecordedAnswers? answers = null;
        SnpHost<ContiguousGeometry, TPolicy> host = ReplayHost.Create<TPolicy>(
            plan.Ram, plan.Processor, plan.Trace.Name, made => answers = new RecordedAnswers(made));
        using ReverseMapTable<ContiguousGeometry> table = host.Table;
        using HostDirectMap map = host.DirectMap;
        return new RmpReplayRun<TPolicy>(plan, host, answers!, cancellation).Run(progress);
    }

    /// <summary>Replays under the policy of that name.</summary>
    /// <param name="policy">One of <see cref="PolicyNames"/>.</param>
    /// <param name="plan">The trace, its RAM and its guests.</param>
    /// <param name="progress">Called now and then with the number of events replayed so far, on the calling thread.</param>
    /// <param name="cancellation">Ends the replay early.</param>
    /// <returns>What was counted.</returns>
    /// <exception cref="ArgumentException">There is no policy of that name.</exception>
    /// <exception cref="MalformedInputException">Above the RAM there is no room for the RMP and the page tables.</exception>
    /// <exception cref="System.IO.IOException">The operating system refused to reserve the RMP or the page tables.</exception>
    /// <exception cref="OperationCanceledException">The replay was cancelled.</exception>
    public static ReplayResult Run(
        string policy, ReplayPlan plan, Action<long>? progress = null, CancellationToken cancellation = default) =>
        Named(policy, new PageReplay(plan, progress, cancellation));

    /// <summary>Replays an RMP trace under the policy of that name.</summary>
    /// <param name="policy">One of <see cref="PolicyNames"/>.</param>
    /// <param name="plan">The trace and its RAM.</param>
    /// <param name="progress">Called now and then with the number of events replayed so far, on the calling thread.</param>
    /// <param name="cancellation">Ends the replay early.</param>
    /// <returns>What was counted.</returns>
    /// <exception cref="ArgumentException">There is no policy of that name.</exception>
    /// <exception cref="MalformedInputException">Above the RAM there is no room for the RMP and the page tables.</exception>
    /// <exception cref="System.IO.IOException">The operating system refused to reserve the RMP or the page tables.</exception>
    /// <exception cref="OperationCanceledException">The replay was cancelled.</exception>
    public static ReplayResult Run(
        string policy, RmpReplayPlan plan, Action<long>? progress = null, CancellationToken cancellation = default) =>
        Named(policy, new RmpReplay(plan, progress, cancellation));

    private static ReplayResult Named<TReplay>(string policy, TReplay replay)
        where TReplay : IReplay => Array.IndexOf(Names, policy) switch
        {
            0 => replay.Run<Never>(),
            1 => replay.Run<Eager>(),
            2 => replay.Run<Rejoining<Eager>>(),
            3 => replay.Run<LevelAware>(),
            4 => replay.Run<Rejoining<LevelAware>>(),
            5 => replay.Run<OnDemand>(),
            6 => replay.Run<Rejoining<OnDemand>>(),
            _ => throw new ArgumentException($"There is no policy '{policy}'; there are {string.Join(", ", Names)}.", nameof(policy)),
        };

    /// <summary>A replay whose policy is chosen by name.</summary>
    private interface IReplay
    {
        ReplayResult Run<TPolicy>()
            where TPolicy : struct, IDirectMapPolicy;
    }

    private readonly record struct PageReplay(ReplayPlan Plan, Action<long>? Progress, CancellationToken Cancellation) : IReplay
    {
        public ReplayResult Run<TPolicy>()
            where TPolicy : struct, IDirectMapPolicy => TraceReplay.Run<TPolicy>(Plan, Progress, Cancellation);
    }

    private readonly record struct RmpReplay(RmpReplayPlan Plan, Action<long>? Progress, CancellationToken Cancellation) : IReplay
    {
        public ReplayResult Run<TPolicy>()
            where TPolicy : struct, IDirectMapPolicy => TraceReplay.Run<TPolicy>(Plan, Progress, Cancellation);
    }
}
