namespace FastRmp.Native;

/// <summary>What a handle stands for.</summary>
internal abstract class LiveHandle
{
    /// <summary>The handle's own number: kind in [63:56], generation in [55:16], slot in [15:0]. Never used again.</summary>
    internal ulong Value { get; set; }

    /// <summary>The number that its kind has in the handle, so that a handle in a log says what it is.</summary>
    internal abstract byte Kind { get; }

    /// <summary>Begins with a slot of its own.</summary>
    /// <param name="slot">The slot.</param>
    internal virtual void Begin(int slot)
    {
    }

    /// <summary>Ends what the handle stands for. What the caller owns stays.</summary>
    internal virtual void End()
    {
    }
}
