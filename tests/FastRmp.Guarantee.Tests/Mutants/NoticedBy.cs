namespace FastRmp.Guarantee.Tests.Mutants;

/// <summary>Who has to notice that a rule is broken.</summary>
public enum NoticedBy
{
    /// <summary>The game: the guarantee depends on the rule.</summary>
    Game,

    /// <summary>The comparison with the reference: the rule is hardware's behaviour, and breaking it denies service at most.</summary>
    Reference,

    /// <summary>The readers of a storm: the rule matters only while several processors are at work.</summary>
    Storm,
}
