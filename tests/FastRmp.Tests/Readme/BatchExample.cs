using System;
using System.Linq;
using Xunit;

namespace FastRmp.Tests.Readme;

public sealed class BatchExample
{
    [Fact]
    public void The_example_does_what_its_comments_say()
    {
        // <embedding>
        using ReverseMapTable<RmpGeometry> rmp = ReverseMapTable.Covering(16UL << 30, ProcessorModel.Genoa);
        PhysicalAddress[] buffer = new PhysicalAddress[1000]; // the pages of a scattered buffer
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer[i] = PhysicalAddress.Create((ulong)i * 0xFF_1000);
        }

        RmpUpdateOperand guestPage = new() { Assigned = true, Asid = 5, Gpa = 0x1234_5000 };
        RmpResult update = rmp.RmpUpdate(ExecutionState.Host, buffer[70], guestPage);

        PageFaultErrorCode[] faults = new PageFaultErrorCode[buffer.Length]; // made once, used for every buffer
        RmpCheck.Host(rmp, AccessKind.Write, buffer, PageSize.Size4K, isUser: false, faults);
        int refused = faults.AsSpan().IndexOfAnyExcept(default(PageFaultErrorCode)); // 70, where the #PF is 0x8000_0003

        PageState[] states = new PageState[buffer.Length];
        rmp.StatesOf(buffer, states); // states[70] is PageState.GuestInvalid
        // </embedding>

        Assert.True(update.IsSuccess);
        Assert.Equal(70, refused);
        Assert.Equal(0x8000_0003UL, faults[70].Value);
        Assert.Equal(999, faults.Count(static fault => fault == default));
        Assert.Equal(PageState.GuestInvalid, states[70]);
        Assert.Equal(999, states.Count(static state => state == PageState.Hypervisor));
    }
}
