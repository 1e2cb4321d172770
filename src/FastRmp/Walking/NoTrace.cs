namespace FastRmp;

/// <summary>Nobody wants to know the entries passed.</summary>
internal struct NoTrace : ITrace
{
    public readonly void Add(int level, PhysicalAddress address, ulong entry)
    {
    }

    public readonly void AddGuest(WalkStage stage, int level, PhysicalAddress address, ulong entry, PhysicalAddress gpa)
    {
    }

    public readonly void EnterNested()
    {
    }

    public readonly void Restart()
    {
    }
}
