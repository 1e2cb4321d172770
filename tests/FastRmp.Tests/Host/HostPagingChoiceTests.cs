using FastRmp.DirectMap;
using FastRmp.Paging;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.Host;

/// <summary>The open points of paging reach the host's own walks of its direct map.</summary>
public sealed class HostPagingChoiceTests
{
    private const ulong Accessed = 0x20;
    private const ulong AccessedDirty = 0x60;

    [Theory]
    [InlineData(PagingMode.FourLevel, false)]
    [InlineData(PagingMode.FourLevel, true)]
    [InlineData(PagingMode.FiveLevel, false)]
    [InlineData(PagingMode.FiveLevel, true)]
    public void A_refused_fetch_marks_the_entries_above_or_nothing(PagingMode mode, bool onlyAllowed)
    {
        using HostRig<Never> rig = Rig(mode, new ModelChoices { SetAccessedOnlyIfAllowed = onlyAllowed });
        int top = mode == PagingMode.FiveLevel ? 5 : 4;
        Unmark(rig, top);
        WalkResult fetch = rig.Host.Access(At(Giant), AccessKind.Fetch);
        Assert.Equal((WalkStatus.RightsViolation, 0x11U), (fetch.Status, fetch.ErrorCode));
        for (int level = 3; level <= top; level++)
        {
            bool isMarked = level > 3 && !onlyAllowed;
            Assert.Equal(isMarked ? Accessed : 0, Entry(rig.Map, Giant, level).Value & AccessedDirty);
        }

        Assert.True(rig.Write(Giant).IsMapped);
        for (int level = 3; level <= top; level++)
        {
            Assert.Equal(level == 3 ? AccessedDirty : Accessed, Entry(rig.Map, Giant, level).Value & AccessedDirty);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_write_that_the_RMP_refuses_has_marked_the_entries_above_either_way(bool onlyAllowed)
    {
        using HostRig<Never> rig = Rig(PagingMode.FourLevel, new ModelChoices { SetAccessedOnlyIfAllowed = onlyAllowed });
        Assert.True(rig.Assign(Giant).IsDone);
        Unmark(rig, 4);
        Assert.Equal(WalkStatus.RmpViolation, rig.Write(Giant).Status);
        Assert.Equal(Accessed, Entry(rig.Map, Giant, 4).Value & AccessedDirty);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bit_8_of_the_hosts_PML5E_is_reserved_or_ignored(bool ignores)
    {
        using HostRig<Never> rig = Rig(PagingMode.FiveLevel, new ModelChoices { IgnorePml5eBit8 = ignores });
        Change(rig, 5, 0x100, 0x100);
        WalkResult read = rig.Host.Access(At(Giant), AccessKind.Read);
        Assert.Equal(ignores ? (WalkStatus.Mapped, 0U) : (WalkStatus.MalformedEntry, 9U), (read.Status, read.ErrorCode));
        Change(rig, 4, 0x100, 0x100);
        read = rig.Host.Access(At(Giant), AccessKind.Write);
        Assert.Equal((WalkStatus.MalformedEntry, ignores ? 4 : 5), (read.Status, (int)read.Level));
    }

    private static HostRig<Never> Rig(PagingMode mode, ModelChoices choices)
    {
        HostRig<Never> rig = new(
            new DirectMapOptions { Mode = mode, Choices = choices }, 4 * Giant, ModelChoices.Default, [RangeAt(Giant, Giant)]);
        rig.Host.EnableSnp();
        return rig;
    }

    private static void Unmark(HostRig<Never> rig, int top)
    {
        for (int level = 3; level <= top; level++)
        {
            Change(rig, level, AccessedDirty, 0);
        }
    }

    private static void Change(HostRig<Never> rig, int level, ulong mask, ulong bits)
    {
        (ulong address, ulong value) = Entry(rig.Map, Giant, level);
        Assert.True(rig.Map.View().TryCompareExchange(At(address), (value & ~mask) | bits, value, out ulong prior));
        Assert.Equal(value, prior);
    }
}
