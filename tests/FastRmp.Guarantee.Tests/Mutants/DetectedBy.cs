namespace FastRmp.Guarantee.Tests.Mutants;

/// <summary>Which check has to detect that a rule is broken.</summary>
public enum DetectedBy
{
    /// <summary>The simulation: the guarantee depends on the rule.</summary>
    Simulation,

    /// <summary>The comparison with the reference: the rule is hardware's behaviour, and breaking it denies service at most.</summary>
    Reference,

    /// <summary>The readers of a stress run: the rule matters only while several processors execute instructions.</summary>
    StressRun,

    /// <summary>Schedules: the rule matters only for a few accesses in a certain order, which a stress run may never meet.</summary>
    Schedules,

    /// <summary>Schedules of a translation cache beside an instruction.</summary>
    CacheSchedules,

    /// <summary>Schedules of counts and versions that threads write by plain stores.</summary>
    CountSchedules,
}
