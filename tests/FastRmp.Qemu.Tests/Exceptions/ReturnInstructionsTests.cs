using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Exceptions;

public sealed class ReturnInstructionsTests
{
    [Fact]
    public void Those_of_guests_push_none_of_the_hosts_out()
    {
        using TestHost host = new();
        ulong other = TestRam.Hole;
        for (int round = 0; round < 5; round++)
        {
            for (int i = 0; i < 200; i++) host.Machine.Returns.Add(other += 2);
            Assert.True(host.Machine.Returns.TryFind(host.Ram.Ram, GuestState.Of(host.Processor), out ulong found));
            Assert.Equal(TestHost.Return, found);
        }

        for (int i = 0; i < 256; i++) host.Machine.Returns.Add(other += 2);
        Assert.False(host.Machine.Returns.TryFind(host.Ram.Ram, GuestState.Of(host.Processor), out _));
        host.Machine.Returns.Add(TestHost.Return);
        Assert.True(host.Machine.Returns.TryFind(host.Ram.Ram, GuestState.Of(host.Processor), out _));
    }
}
