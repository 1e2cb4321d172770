using FastRmp.DirectMap;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Host;

/// <summary>Seven policies, with table pages in plenty and with few: 213,500 random operations against the reference host.</summary>
public sealed class HostDifferentialTests
{
    private const int Worlds = 5;
    private const int Plenty = 4_500;
    private const int Scarce = 1_600;

    [Fact]
    public void Never_behaves_as_the_reference() => Duel<Never>(ReferencePolicy.Never, 1, splits: false);

    [Fact]
    public void Eager_behaves_as_the_reference() => Duel<Eager>(ReferencePolicy.Eager, 2, splits: true);

    [Fact]
    public void Eager_with_rejoin_behaves_as_the_reference() => Duel<Rejoining<Eager>>(ReferencePolicy.Eager.WithRejoin(), 3, splits: true);

    [Fact]
    public void Level_aware_behaves_as_the_reference() => Duel<LevelAware>(ReferencePolicy.LevelAware, 4, splits: true);

    [Fact]
    public void Level_aware_with_rejoin_behaves_as_the_reference() =>
        Duel<Rejoining<LevelAware>>(ReferencePolicy.LevelAware.WithRejoin(), 5, splits: true);

    [Fact]
    public void On_demand_behaves_as_the_reference() => Duel<OnDemand>(ReferencePolicy.OnDemand, 6, splits: false);

    [Fact]
    public void On_demand_with_rejoin_behaves_as_the_reference() =>
        Duel<Rejoining<OnDemand>>(ReferencePolicy.OnDemand.WithRejoin(), 7, splits: false);

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, true, true)]
    [InlineData(true, true, true)]
    public void The_choices_of_the_direct_map_behave_as_the_reference(bool supervisor, bool marks, bool asLinux)
    {
        ModelChoices choices = new() { BootTablesAreSupervisor = supervisor, Kernel4KOnEveryUpdate = marks, RejoinAsLinux = asLinux };
        long flushes = 0;
        long rejoins = 0;
        for (int world = 0; world < 3; world++)
        {
            using HostComparison<Rejoining<LevelAware>> levelAware = new(
                ReferencePolicy.LevelAware.WithRejoin(), 300 + world, spareTablePages: null, PagingMode.FourLevel, choices);
            levelAware.Run(Scarce);
            using HostComparison<Eager> eager = new(
                ReferencePolicy.Eager, 310 + world, spareTablePages: 2 + world, PagingMode.FiveLevel, choices);
            eager.Run(Scarce);
            using HostComparison<Rejoining<OnDemand>> onDemand = new(
                ReferencePolicy.OnDemand.WithRejoin(), 320 + world, spareTablePages: null, PagingMode.FiveLevel, choices);
            onDemand.Run(Scarce);
            flushes += levelAware.Statistics.RangedFlushes + eager.Statistics.RangedFlushes;
            rejoins += levelAware.Statistics.Rejoins2M + onDemand.Statistics.Rejoins2M;
        }

        Assert.True(flushes > (marks ? 200 : 50) && rejoins > 10, $"{flushes} marks, {rejoins} rejoins");
    }

    private static void Duel<TPolicy>(ReferencePolicy policy, int seed, bool splits)
        where TPolicy : struct, IDirectMapPolicy
    {
        Assert.Equal(policy.Name, TPolicy.Name);
        long fatal = 0;
        long handled = 0;
        long rejoined = 0;
        long failed = 0;
        for (int world = 0; world < Worlds; world++)
        {
            using HostComparison<TPolicy> plenty = new(policy, seed + (10 * world), spareTablePages: null, PagingMode.FourLevel);
            plenty.Run(Plenty);
            using HostComparison<TPolicy> scarce = new(
                policy, seed + (10 * world) + 1000, spareTablePages: 2 + world, PagingMode.FiveLevel);
            scarce.Run(Scarce);
            fatal += plenty.Seen.Fatal;
            handled += plenty.Seen.Handled;
            rejoined += plenty.Seen.Rejoined1G;
            failed += scarce.Seen.SplitFailed;
        }

        // The comparison is worth nothing if what the policy is about never came up.
        string seen = $"{fatal} fatal, {handled} handled, {rejoined} rejoined, {failed} failed splits";
        Assert.True(fatal > 100, seen);
        Assert.True(policy.SplitsOnFault == (handled > 20), seen);
        Assert.True(policy.Rejoins == (rejoined > 10), seen);
        Assert.True(splits == (failed > 50), seen);
    }
}
