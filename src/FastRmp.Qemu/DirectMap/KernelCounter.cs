namespace FastRmp.Qemu;

/// <summary>A counter of the kernel's that is about its direct map, when it was on the console first and last.</summary>
/// <param name="First">Its first value.</param>
/// <param name="FirstOwn">What the tables and their changes said then.</param>
/// <param name="Last">Its last value.</param>
/// <param name="LastOwn">What the tables and their changes said then.</param>
internal readonly record struct KernelCounter(long First, long FirstOwn, long Last, long LastOwn)
{
    /// <summary>By how much the kernel's changed.</summary>
    internal long Change => Last - First;

    /// <summary>By how much what it counts changed.</summary>
    internal long OwnChange => LastOwn - FirstOwn;
}
