namespace FastRmp;

/// <summary>Who wants to know the entries passed: a type argument of the walks, so that those without a trace have no cost of it.</summary>
internal interface ITrace
{
    /// <summary>An entry of the host's or the nested tables; which of both is known from <see cref="EnterNested"/>.</summary>
    void Add(int level, PhysicalAddress address, ulong entry);

    /// <summary>An entry of a guest's or of GCR3 tables.</summary>
    void AddGuest(WalkStage stage, int level, PhysicalAddress address, ulong entry, PhysicalAddress gpa);

    /// <summary>From here on host tables are walked for guest physical addresses.</summary>
    void EnterNested();

    /// <summary>The walk begins again.</summary>
    void Restart();
}
