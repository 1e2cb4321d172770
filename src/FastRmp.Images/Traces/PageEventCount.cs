namespace FastRmp.Images;

/// <summary>How many events of one name a trace has.</summary>
/// <param name="Name">The name without the group <c>kmem:</c>.</param>
/// <param name="Use">What it means for its pages.</param>
/// <param name="Count">The number of lines that parse.</param>
public readonly record struct PageEventCount(string Name, PageEventUse Use, long Count);
