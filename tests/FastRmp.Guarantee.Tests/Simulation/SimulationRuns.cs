namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>Many short simulations: a guest that has detected an attack on each of its pages uses none of them any more.</summary>
internal static class SimulationRuns
{
    private const int MovesPerRun = 250;

    private static readonly ProcessorModel[] Processors = [ProcessorModel.Genoa, ProcessorModel.Milan, ProcessorModel.Venice];

    /// <summary>Simulates.</summary>
    /// <param name="moves">How many steps at least, of guest and hypervisor together.</param>
    /// <param name="firstSeed">Seed of the first simulation.</param>
    /// <param name="events">Counts of what happens.</param>
    /// <exception cref="GuaranteeException">The hypervisor broke the guarantee.</exception>
    public static void Run(int moves, int firstSeed, EventCounts events)
    {
        for (int game = 0; events.Moves < moves; game++)
        {
            using SimulatedHost host = new(firstSeed + game, Processors[game % Processors.Length], events);
            VictimGuest guest = new(host);
            Hypervisor hypervisor = new(host, guest);
            for (int move = 0; move < MovesPerRun && !guest.HasGivenUp; move++)
            {
                events.Moves++;
                if (host.Chance(50)) guest.Move();
                else hypervisor.Move();
            }
        }
    }
}
