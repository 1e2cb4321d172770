namespace FastRmp.Guarantee.Tests.Play;

/// <summary>Many short games: a guest that has been told of an attack everywhere has nothing left to lose.</summary>
internal static class Tournament
{
    private const int MovesInGame = 250;

    private static readonly ProcessorModel[] Processors = [ProcessorModel.Genoa, ProcessorModel.Milan, ProcessorModel.Venice];

    /// <summary>Plays.</summary>
    /// <param name="moves">How many moves at least, by all players.</param>
    /// <param name="firstSeed">Seed of the first game.</param>
    /// <param name="tally">Where it is counted what happens.</param>
    /// <exception cref="GuaranteeException">The hypervisor has won.</exception>
    public static void Play(int moves, int firstSeed, Tally tally)
    {
        for (int game = 0; tally.Moves < moves; game++)
        {
            using World world = new(firstSeed + game, Processors[game % Processors.Length], tally);
            HonestGuest guest = new(world);
            Hypervisor hypervisor = new(world, guest);
            for (int move = 0; move < MovesInGame && !guest.HasGivenUp; move++)
            {
                tally.Moves++;
                if (world.Chance(50)) guest.Move();
                else hypervisor.Move();
            }
        }
    }
}
