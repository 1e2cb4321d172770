namespace FastRmp.Cli.Report;

/// <summary>A policy over all replays of a sweep. Multiples of the least possible cost are infinite where that is nothing and the policy
/// costs something, and no number where it had fatal writes in every replay.</summary>
/// <param name="Policy">Its name.</param>
/// <param name="Replays">In how many it is.</param>
/// <param name="Fatal">In how many it had fatal writes.</param>
/// <param name="Cheapest">In how many no policy without fatal writes cost less.</param>
/// <param name="Beaten">In how many another one was better in table memory or flushes, and worse in neither.</param>
/// <param name="Least">The least multiple.</param>
/// <param name="Median">The median.</param>
/// <param name="Worst">The greatest.</param>
internal sealed record SweptStanding(
    string Policy, int Replays, int Fatal, int Cheapest, int Beaten, double Least, double Median, double Worst);
