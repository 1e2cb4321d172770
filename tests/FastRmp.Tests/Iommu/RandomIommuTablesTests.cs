using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Iommu;
using FastRmp.Tests.Paging;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>
/// Worlds at random, RMP included, against the reference: outcome, page, rights, event, every entry read, every entry marked.
/// </summary>
public sealed class RandomIommuTablesTests
{
    private const int Worlds = 40;
    private const int Requests = 400;

    /// <summary>Where and how a request can end, and whether at a page. What is not here cannot be.</summary>
    private static readonly (WalkStage Stage, IommuStatus Status, bool HasPage)[] Kinds =
    [
        (WalkStage.Host, IommuStatus.Mapped, true),
        (WalkStage.Host, IommuStatus.Interrupt, false),
        (WalkStage.Host, IommuStatus.NoTranslation, false),
        (WalkStage.Host, IommuStatus.BeyondDeviceTable, false),
        (WalkStage.Host, IommuStatus.IllegalDeviceTableEntry, false),
        (WalkStage.Host, IommuStatus.ForbiddenDeviceTableBits, false),
        (WalkStage.Host, IommuStatus.DeviceTableOutsideMemory, false),
        (WalkStage.Host, IommuStatus.OutsideMemory, false),
        (WalkStage.Host, IommuStatus.NotPresent, false),
        (WalkStage.Host, IommuStatus.MalformedEntry, false),
        (WalkStage.Host, IommuStatus.ForbiddenBits, false),
        (WalkStage.Host, IommuStatus.SkippedBits, false),
        (WalkStage.Host, IommuStatus.OutOfReach, false),
        (WalkStage.Host, IommuStatus.RightsViolation, false),
        (WalkStage.Host, IommuStatus.RightsViolation, true),
        (WalkStage.Host, IommuStatus.RmpViolation, true),
        (WalkStage.Gcr3, IommuStatus.InvalidGcr3, false),
        (WalkStage.Gcr3, IommuStatus.PasidOutOfReach, false),
        (WalkStage.Gcr3, IommuStatus.OutsideMemory, false),
        (WalkStage.Gcr3, IommuStatus.RmpViolation, false),
        (WalkStage.Guest, IommuStatus.NonCanonical, false),
        (WalkStage.Guest, IommuStatus.NotPresent, false),
        (WalkStage.Guest, IommuStatus.ForbiddenBits, false),
        (WalkStage.Guest, IommuStatus.OutsideMemory, false),
        (WalkStage.Guest, IommuStatus.RightsViolation, false),
        (WalkStage.Guest, IommuStatus.RmpViolation, false),
        (WalkStage.Guest, IommuStatus.RmpViolation, true),
        (WalkStage.Guest, IommuStatus.Mapped, true),
        (WalkStage.Nested, IommuStatus.NotPresent, false),
        (WalkStage.Nested, IommuStatus.MalformedEntry, false),
        (WalkStage.Nested, IommuStatus.ForbiddenBits, false),
        (WalkStage.Nested, IommuStatus.SkippedBits, false),
        (WalkStage.Nested, IommuStatus.OutOfReach, false),
        (WalkStage.Nested, IommuStatus.OutsideMemory, false),
        (WalkStage.Nested, IommuStatus.RightsViolation, false),
        (WalkStage.Nested, IommuStatus.RightsViolation, true),
    ];

    private static readonly (WalkStage Stage, IommuStatus Status, bool HasPage)[] OfMarks =
    [
        (WalkStage.Host, IommuStatus.RmpViolation, false),
        (WalkStage.Nested, IommuStatus.RmpViolation, false),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Every_request_agrees_with_the_reference(int seed)
    {
        Random random = new(seed * 7919);
        Dictionary<(WalkStage Stage, IommuStatus Status, bool HasPage), int> met = [];
        Dictionary<(WalkStage Stage, IommuStatus Status, bool HasPage), int> metMarking = [];
        HashSet<int> sizes = [];
        for (int round = 0; round < Worlds; round++)
        {
            using RandomIommuTables world = new(random);
            WalkView view = new(world.Memory);
            DmaRmpCheck<ContiguousGeometry> check = new(world.Iommu.IsSnpEnabled ? world.Rmp.Table : null);
            for (int i = 0; i < Requests; i++)
            {
                IommuRequest request = world.Request();
                ushort device = world.Who();
                IommuWalkResult looked = IommuComparison.Translate(
                    ref view, world.Memory.Read, world.Iommu, device, request, ref check, world.Rmp.Reference);
                IommuWalkResult made = IommuComparison.Access(world.Memory, world.Iommu, device, request, ref check, world.Rmp.Reference);
                Count(met, looked);
                Count(metMarking, made);
                if (looked.Stage == WalkStage.Guest && looked.IsMapped) sizes.Add(looked.SizeShift);
            }
        }

        Assert.Empty(met.Keys.Except(Kinds));
        Assert.Empty(metMarking.Keys.Except(Kinds.Concat(OfMarks)));
        string distribution = string.Join(
            ", ", metMarking.OrderBy(static pair => pair.Key).Select(static pair => $"{pair.Key}: {pair.Value}"));
        Assert.True(
            Kinds.All(kind => met.GetValueOrDefault(kind) > 0) && OfMarks.All(kind => metMarking.GetValueOrDefault(kind) > 0),
            distribution);
        Assert.True(met[(WalkStage.Guest, IommuStatus.Mapped, true)] > Worlds * Requests / 20, distribution);
        Assert.True(sizes.IsSupersetOf([12, 13, 21, 30]), string.Join(", ", sizes.Order()));
    }

    private static void Count(Dictionary<(WalkStage, IommuStatus, bool), int> met, IommuWalkResult result)
    {
        (WalkStage, IommuStatus, bool) kind = (result.Stage, result.Status, result.HasPage);
        met[kind] = met.GetValueOrDefault(kind) + 1;
    }
}
