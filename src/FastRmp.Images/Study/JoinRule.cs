using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>When a region that was split is joined again.</summary>
internal abstract class JoinRule
{
    /// <summary>Never.</summary>
    internal static JoinRule None { get; } = new NoJoin();

    /// <summary>The rules that every policy can be combined with.</summary>
    internal static IReadOnlyList<JoinRule> All { get; } = [None, new AtOnce(), new AfterDelay(), new ByCount(), new WhenIdle()];

    /// <summary>What stands behind the policy's name.</summary>
    internal abstract string Suffix { get; }

    /// <summary>One line of the help; empty for none.</summary>
    internal abstract string Summary { get; }

    /// <summary>The state of one replay; null if nothing is ever joined.</summary>
    internal abstract Joiner? Start(StudyCosts costs);
}
