using System;
using FastRmp.Iommu;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Iommu;

public sealed class IommuEventTests
{
    [Fact]
    public void Random_events_of_every_code_read_as_the_reference_prints_them()
    {
        Random random = new(31);
        for (int round = 0; round < 4000; round++)
        {
            uint word1 = ((uint)random.NextInt64() >> 4) | ((uint)round % 16 << 28);
            IommuEvent logged = new((uint)random.NextInt64(), word1, (uint)random.NextInt64(), (uint)random.NextInt64());
            ReferenceIommuEvent words = IommuComparison.Words(logged);
            Assert.Equal(ReferenceIommuText.Of(words, deviceIsKnown: false), logged.ToString());
            Assert.Equal(ReferenceIommuText.Of(words, deviceIsKnown: true), logged.ToString("K", null));
            Assert.Equal(ReferenceIommuText.Of(words, deviceIsKnown: false, segment: null), logged.ToString("B", null));
            Assert.Equal(words.Code, (int)logged.Code);
            Assert.Equal(words.Flags, (uint)logged.Flags);
            Assert.Equal(words.DeviceId, logged.Device.Value);
            Assert.Equal(words.Pasid, logged.Common.Pasid);
            if (logged.Code != IommuEventCode.InvalidPageRequest) Assert.Equal(words.Pasid, logged.Pasid);
            else Assert.Equal((logged.PageRequest.Pasid, logged.PageRequest.Tag), (logged.Pasid, logged.PageRequestTag));
        }
    }

    [Fact]
    public void An_RMP_hardware_error_drops_the_lowest_address_bits()
    {
        IommuEvent logged = IommuEvent.CreateRmpHardwareError(
            new DeviceId(0x0102), PhysicalAddress.Create(0x1_2345_678F), IommuEventBits.None);
        Assert.Equal(ReferenceIommuEvent.RmpHardwareError(0x0102, 0x1_2345_678F, 0), IommuComparison.Words(logged));
        Assert.Equal(0x1_2345_6788UL, logged.Address);
    }

    [Fact]
    public void A_buffer_of_160_characters_always_suffices_and_a_small_one_is_a_result()
    {
        char[] room = new char[160];
        for (uint code = 0; code < 16; code++)
        {
            IommuEvent logged = new(uint.MaxValue, 0x0FFF_FFFFU | (code << 28), uint.MaxValue, uint.MaxValue);
            Assert.True(logged.TryFormat(room, out int length, default, null));
            Assert.False(logged.TryFormat(room.AsSpan(0, length - 1), out int none, default, null));
            Assert.Equal(0, none);
        }

        Assert.Throws<FormatException>(() => default(IommuEvent).ToString("X", null));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => default(IommuEvent).Word(4));
    }

    [Theory]
    [InlineData("c1:00.0", 0xC100)]
    [InlineData("00:03.0", 0x0018)]
    [InlineData("FF:1f.7", 0xFFFF)]
    [InlineData("0x18", 0x0018)]
    [InlineData("18", 0x0018)]
    public void Device_names_are_read(string text, int value)
    {
        Assert.True(DeviceId.TryParse(text, out DeviceId id));
        Assert.Equal(value, id.Value);
        Assert.True(DeviceId.TryParse(id.ToString(), out DeviceId again));
        Assert.Equal(id, again);
        Assert.Equal(id, DeviceId.Create((byte)id.Bus, (byte)id.Device, (byte)id.Function));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00:20.0")]
    [InlineData("00:03.8")]
    [InlineData("00:03")]
    [InlineData("0:0.")]
    [InlineData("000:03.0")]
    [InlineData(":03.0")]
    [InlineData("10000")]
    [InlineData("0000:00:03.0")]
    [InlineData("zz")]
    public void Other_names_are_not(string text) => Assert.False(DeviceId.TryParse(text, out _));
}
