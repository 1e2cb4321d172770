namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>
/// The content of each page of system memory: a number that identifies the last write, for no number is written twice but by an attacker
/// who replays it.
/// </summary>
internal sealed class SystemMemory
{
    private const int Remembered = 4;

    private readonly ulong[] _contents = new ulong[MachineLayout.Pages];
    private readonly ulong[] _old = new ulong[MachineLayout.Pages * Remembered];
    private ulong _last;

    public ulong this[int page] => _contents[page];

    /// <summary>Something that was never written anywhere.</summary>
    public ulong Fresh() => ++_last;

    public void Write(int page, ulong content)
    {
        _old[(page * Remembered) + (int)(_contents[page] % Remembered)] = _contents[page];
        _contents[page] = content;
    }

    /// <summary>One of the contents that a page had before.</summary>
    public ulong Old(int page, int which) => _old[(page * Remembered) + (which % Remembered)];
}
