using System;
using System.Globalization;
using System.Runtime.Intrinsics;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>Guards the runs in which the environment holds the scans down to a narrower rung.</summary>
public sealed class AssignedScanWidthTests
{
    private const string Variable = "FASTRMP_EXPECT_WIDTH";

    [Fact]
    public void The_widest_accelerated_vectors_are_as_wide_as_the_run_expects()
    {
        string? expected = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(expected), $"{Variable} is not set: this run takes the width as it is.");
        int width = Vector512.IsHardwareAccelerated ? 512
            : Vector256.IsHardwareAccelerated ? 256
            : Vector128.IsHardwareAccelerated ? 128
            : 0;
        Assert.Equal(int.Parse(expected!, CultureInfo.InvariantCulture), width);
    }
}
