using System.IO;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Fuzz.Tests;

/// <summary>Damaged input for every reader, the same in each run: it ends in a result or in a documented refusal, in time, and within its
/// memory.</summary>
public sealed class DamagedInputTests
{
    private const int Seed = 2026;

    public static TheoryData<string> Targets()
    {
        TheoryData<string> names = [];
        foreach (FuzzTarget target in FuzzTargets.All)
        {
            names.Add(target.Name);
        }

        return names;
    }

    [Fact]
    public void All_readers_together_read_as_many_damaged_inputs_as_promised() =>
        Assert.InRange(FuzzTargets.OrdinaryRounds, FuzzTargets.LeastOrdinaryRounds, int.MaxValue);

    [Theory]
    [MemberData(nameof(Targets))]
    public void Whatever_is_damaged_is_read_or_refused(string name)
    {
        FuzzTarget target = FuzzTargets.Named(name);
        Mutator mutator = new(Seed);
        byte[] input = [];
        try
        {
            for (int round = 0; round < target.OrdinaryRounds; round++)
            {
                input = mutator.Mutate(target.Seeds[round % target.Seeds.Count], target.Head);
                _ = FuzzCheck.Run(target, input);
            }
        }
        catch (FuzzFailure failure)
        {
            string path = Path.Combine(Path.GetTempPath(), $"fastrmp-{name}.bin");
            File.WriteAllBytes(path, input);
            throw new FuzzFailure($"{failure.Message} (the input: {path})", failure);
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void What_is_whole_is_read(string name)
    {
        FuzzTarget target = FuzzTargets.Named(name);
        int whole = 0;
        foreach (byte[] seed in target.Seeds)
        {
            if (FuzzCheck.Run(target, seed)) whole++;
        }

        Assert.InRange(whole, (target.Seeds.Count + 2) / 3, target.Seeds.Count);
    }
}
