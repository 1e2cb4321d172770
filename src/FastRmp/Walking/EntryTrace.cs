namespace FastRmp;

/// <summary>Keeps the entries passed.</summary>
internal struct EntryTrace : ITrace
{
    public WalkTrace Steps;

    private WalkStage _host;

    public void Add(int level, PhysicalAddress address, ulong entry) => Steps.Add(new WalkStep(_host, level, address, entry));

    public void AddGuest(WalkStage stage, int level, PhysicalAddress address, ulong entry, PhysicalAddress gpa) =>
        Steps.Add(new WalkStep(stage, level, address, entry, GuestPhysicalAddress.CreateUnchecked(gpa.Value)));

    public void EnterNested() => _host = WalkStage.Nested;

    public void Restart() => Steps.Clear();
}
