using FastRmp.Benchmarks.Gating;
using Xunit;

namespace FastRmp.Benchmarks.Tests;

public class MachineTests
{
    [Fact]
    public void A_machine_has_the_same_name_without_CPUID() => Assert.Equal(
        "AuthenticAMD 25/17",
        Machine.FromCpuInfo("processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\n"));

    [Fact]
    public void Other_architectures_have_none() => Assert.Null(Machine.FromCpuInfo("processor\t: 0\nCPU implementer\t: 0x41\n"));

    [Fact]
    public void A_name_has_a_vendor_and_a_family()
    {
        Assert.Equal("AuthenticAMD", Machine.VendorOf("AuthenticAMD 25/17"));
        Assert.Equal("AuthenticAMD 25", Machine.FamilyOf("AuthenticAMD 25/17"));
        Assert.Equal("Arm64", Machine.FamilyOf("Arm64"));
    }
}
