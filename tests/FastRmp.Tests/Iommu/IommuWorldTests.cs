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
public sealed class IommuWorldTests
{
    private const int Worlds = 40;
    private const int Requests = 400;

    /// <summary>Where and how a request can end, and whether at a page. What is not here cannot be.</summary>
    private static readonly (IommuStage Stage, IommuStatus Status, bool HasPage)[] Kinds =
    [
        (IommuStage.Host, IommuStatus.Mapped, true),
        (IommuStage.Host, IommuStatus.Interrupt, false),
        (IommuStage.Host, IommuStatus.NoTranslation, false),
        (IommuStage.Host, IommuStatus.BeyondDeviceTable, false),
        (IommuStage.Host, IommuStatus.IllegalDeviceTableEntry, false),
        (IommuStage.Host, IommuStatus.ForbiddenDeviceTableBits, false),
        (IommuStage.Host, IommuStatus.DeviceTableOutsideMemory, false),
        (IommuStage.Host, IommuStatus.OutsideMemory, false),
        (IommuStage.Host, IommuStatus.NotPresent, false),
        (IommuStage.Host, IommuStatus.MalformedEntry, false),
        (IommuStage.Host, IommuStatus.ForbiddenBits, false),
        (IommuStage.Host, IommuStatus.SkippedBits, false),
        (IommuStage.Host, IommuStatus.OutOfReach, false),
        (IommuStage.Host, IommuStatus.RightsViolation, false),
        (IommuStage.Host, IommuStatus.RightsViolation, true),
        (IommuStage.Host, IommuStatus.RmpViolation, true),
        (IommuStage.Gcr3, IommuStatus.InvalidGcr3, false),
        (IommuStage.Gcr3, IommuStatus.PasidOutOfReach, false),
        (IommuStage.Gcr3, IommuStatus.OutsideMemory, false),
        (IommuStage.Gcr3, IommuStatus.RmpViolation, false),
        (IommuStage.Guest, IommuStatus.NonCanonical, false),
        (IommuStage.Guest, IommuStatus.NotPresent, false),
        (IommuStage.Guest, IommuStatus.ForbiddenBits, false),
        (IommuStage.Guest, IommuStatus.OutsideMemory, false),
        (IommuStage.Guest, IommuStatus.RightsViolation, false),
        (IommuStage.Guest, IommuStatus.RmpViolation, false),
        (IommuStage.Guest, IommuStatus.RmpViolation, true),
        (IommuStage.Guest, IommuStatus.Mapped, true),
        (IommuStage.Nested, IommuStatus.NotPresent, false),
        (IommuStage.Nested, IommuStatus.MalformedEntry, false),
        (IommuStage.Nested, IommuStatus.ForbiddenBits, false),
        (IommuStage.Nested, IommuStatus.SkippedBits, false),
        (IommuStage.Nested, IommuStatus.OutOfReach, false),
        (IommuStage.Nested, IommuStatus.OutsideMemory, false),
        (IommuStage.Nested, IommuStatus.RightsViolation, false),
        (IommuStage.Nested, IommuStatus.RightsViolation, true),
    ];

    private static readonly (IommuStage Stage, IommuStatus Status, bool HasPage)[] OfMarks =
    [
        (IommuStage.Host, IommuStatus.RmpViolation, false),
        (IommuStage.Nested, IommuStatus.RmpViolation, false),
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
        Dictionary<(IommuStage Stage, IommuStatus Status, bool HasPage), int> met = [];
        Dictionary<(IommuStage Stage, IommuStatus Status, bool HasPage), int> metMarking = [];
        HashSet<int> sizes = [];
        for (int round = 0; round < Worlds; round++)
        {
            using IommuWorld world = new(random);
            WalkView view = new(world.Memory);
            DmaRmpCheck<ContiguousGeometry> check = new(world.Iommu.IsSnpEnabled ? world.Rmp.Table : null);
            for (int i = 0; i < Requests; i++)
            {
                IommuRequest request = world.Request();
                ushort device = world.Who();
                IommuWalkResult looked = IommuDuel.Translate(
                    ref view, world.Memory.Read, world.Iommu, device, request, ref check, world.Rmp.Reference);
                IommuWalkResult made = IommuDuel.Access(world.Memory, world.Iommu, device, request, ref check, world.Rmp.Reference);
                Count(met, looked);
                Count(metMarking, made);
                if (looked.Stage == IommuStage.Guest && looked.IsMapped) sizes.Add(looked.SizeShift);
            }
        }

        Assert.Empty(met.Keys.Except(Kinds));
        Assert.Empty(metMarking.Keys.Except(Kinds.Concat(OfMarks)));
        string distribution = string.Join(
            ", ", metMarking.OrderBy(static pair => pair.Key).Select(static pair => $"{pair.Key}: {pair.Value}"));
        Assert.True(
            Kinds.All(kind => met.GetValueOrDefault(kind) > 0) && OfMarks.All(kind => metMarking.GetValueOrDefault(kind) > 0),
            distribution);
        Assert.True(met[(IommuStage.Guest, IommuStatus.Mapped, true)] > Worlds * Requests / 20, distribution);
        Assert.True(sizes.IsSupersetOf([12, 13, 21, 30]), string.Join(", ", sizes.Order()));
    }

    private static void Count(Dictionary<(IommuStage, IommuStatus, bool), int> met, IommuWalkResult result)
    {
        (IommuStage, IommuStatus, bool) kind = (result.Stage, result.Status, result.HasPage);
        met[kind] = met.GetValueOrDefault(kind) + 1;
    }
}
