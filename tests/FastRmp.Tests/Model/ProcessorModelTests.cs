using System;
using Xunit;

namespace FastRmp.Tests.Model;

public sealed class ProcessorModelTests
{
    [Theory]
    [InlineData("milan", 48, 509U, false, false, false, false, false, true)]
    [InlineData("genoa", 52, 1006U, true, false, false, false, false, true)]
    [InlineData("turin", 52, 1006U, true, true, true, false, true, false)]
    [InlineData("venice", 52, 1006U, true, true, true, true, true, false)]
    public void A_preset_has_the_features_of_its_generation(
        string name, int width, uint maxAsid, bool la57, bool rmpRead, bool segmented, bool rmpOpt, bool inUseWrites, bool erratum)
    {
        Assert.True(ProcessorModel.TryGetPreset(name, out ProcessorModel? model));
        Assert.Equal(name, model.Name);
        Assert.Equal(width, model.PhysicalAddressWidth);
        Assert.Equal((1UL << width) - 1, model.GpaMask);
        Assert.Equal(maxAsid, model.MaxAsid);
        Assert.Equal(la57, model.HasLa57);
        Assert.Equal(rmpRead, model.HasRmpRead);
        Assert.Equal(segmented, model.HasSegmentedRmp);
        Assert.Equal(rmpOpt, model.HasRmpOpt);
        Assert.Equal(inUseWrites, model.HasHvInUseWrAllowed);
        Assert.Equal(erratum, model.HasInUse2MErratum);
        Assert.Equal(name == "milan" ? (0x0F, false) : (0x1F, true), ((int)model.FullVmpl0Permissions, model.HasRmpQuery));
        Assert.True(model.ReservesUpperBit8);
        Assert.True(model.HasGigabytePages);
    }

    [Fact]
    public void Segments_are_of_30_to_52_bits_and_at_most_512()
    {
        Assert.Equal(
            (30, 52, 512), (ProcessorModel.Turin.MinSegmentShift, ProcessorModel.Turin.MaxSegmentShift, ProcessorModel.Turin.MaxSegments));
        Assert.Equal(
            (30, 52, 512),
            (ProcessorModel.Venice.MinSegmentShift, ProcessorModel.Venice.MaxSegmentShift, ProcessorModel.Venice.MaxSegments));
    }

    [Fact]
    public void Memory_encryption_takes_address_bits()
    {
        Assert.Equal(
            [5, 6, 6, 6],
            [ProcessorModel.Milan.EncryptionAddressReduction, ProcessorModel.Genoa.EncryptionAddressReduction,
                ProcessorModel.Turin.EncryptionAddressReduction, ProcessorModel.Venice.EncryptionAddressReduction]);
        Assert.Equal(0, ProcessorModel.Intel.EncryptionAddressReduction);
    }

    [Fact]
    public void Presets_are_listed_oldest_first() =>
        Assert.Equal([ProcessorModel.Milan, ProcessorModel.Genoa, ProcessorModel.Turin, ProcessorModel.Venice], ProcessorModel.Presets);

    [Fact]
    public void Intel_is_for_walks_alone()
    {
        ProcessorModel intel = ProcessorModel.Intel;
        Assert.Equal(("intel", 52, true, true), (intel.Name, intel.PhysicalAddressWidth, intel.HasLa57, intel.HasGigabytePages));
        Assert.Equal((true, true, false), (intel.HasPks, intel.ReportsFetchWithSmepAlone, intel.ReservesUpperBit8));
        Assert.False(intel.HasRmp);
        Assert.DoesNotContain(intel, ProcessorModel.Presets);
        Assert.All(
            ProcessorModel.Presets,
            static preset => Assert.Equal((true, false, false), (preset.HasRmp, preset.HasPks, preset.ReportsFetchWithSmepAlone)));
        ContiguousGeometry geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0x4000_0000), 0x1000_0000);
        Assert.Throws<ArgumentException>("processor", () => new ReverseMapTable<ContiguousGeometry>(geometry, intel));
    }

    [Theory]
    [InlineData("Intel", "intel")]
    [InlineData("MILAN", "milan")]
    [InlineData("Turin", "turin")]
    [InlineData("vEnIcE", "venice")]
    public void A_preset_is_found_in_any_case(string name, string preset)
    {
        Assert.True(ProcessorModel.TryGetPreset(name, out ProcessorModel? model));
        Assert.Equal(preset, model.Name);
    }

    [Theory]
    [InlineData("rome")]
    [InlineData("")]
    [InlineData(" genoa")]
    [InlineData(null)]
    public void A_name_without_a_preset_is_a_result(string? name)
    {
        Assert.False(ProcessorModel.TryGetPreset(name, out ProcessorModel? model));
        Assert.Null(model);
    }

    [Theory]
    [InlineData(false, 30, 36)]
    [InlineData(true, 50, 56)]
    public void Segment_sizes_come_from_CPUID_in_the_unit_that_was_chosen(bool megabytes, int smallest, int largest)
    {
        ProcessorModel turin = ProcessorModel.Turin.WithSegmentation(
            (uint)new SegmentedRmpFeatures { MinSegmentShift = 30, MaxSegmentShift = 36 }.Value,
            (uint)new SegmentedRmpLimits { CachedSegments = 64, IsHardLimit = true }.Value,
            ModelChoices.Default with { SegmentExponentsAreMegabytes = megabytes });
        Assert.Equal((smallest, largest, 64), (turin.MinSegmentShift, turin.MaxSegmentShift, turin.MaxSegments));
        Assert.Equal(
            512,
            ProcessorModel.Genoa.WithSegmentation(
                0, (uint)new SegmentedRmpLimits { CachedSegments = 64 }.Value, ModelChoices.Default).MaxSegments);
    }
}
