using FastRmp.Addressing;
using FastRmp.Model;
using FastRmp.Reference;
using FastRmp.Rmp;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>One processor and one set of choices for table and reference: everything that any generation has, so that all instructions meet.</summary>
internal sealed class Rules(ContentionCode contention)
{
    /// <summary>Cores that run RMPOPT.</summary>
    public const int Cores = 2;

    public static ContiguousGeometry Geometry { get; } = ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), ModelPair.RegionBytes);

    public static ProcessorModel Processor { get; } = ProcessorModel.Venice with { HasHvInUseWrAllowed = false, HasInUse2MErratum = true };

    public ModelChoices Choices { get; } = ModelChoices.Default with { Contention = contention, RmpOptOnContiguous = true };

    public static RmpOptCore[] MakeCores()
    {
        RmpOptCore[] cores = new RmpOptCore[Cores];
        for (int i = 0; i < cores.Length; i++)
        {
            cores[i] = new RmpOptCore(default(FastRmp.Layouts.RmpOptBase).WithEnabled(true));
        }

        return cores;
    }

    public ReferenceRmp MakeReference()
    {
        ReferenceRmp reference = new(
            new ReferenceProcessor { GpaMask = Processor.GpaMask, MaxAsid = Processor.MaxAsid, HasRmpRead = true, HasRmpOpt = true, HvInUseWriteAllowed = false, HasInUseErratum = true },
            new ReferenceChoices
            {
                ContentionCode = contention == ContentionCode.FailOverlap ? ReferenceCode.FailOverlap : ReferenceCode.FailInUse,
                RmpOptNeedsSegments = false,
            },
            Geometry.Base.Value,
            Geometry.End.Value);
        // Firmware's commands want SNP enabled; the pages that the RMP claims by that lie in the region that is fought for, and are given back.
        reference.Enable();
        for (ulong page = Geometry.Base.Value; page <= Geometry.End.Value; page += ModelPair.PageBytes)
        {
            reference.Poke(page, 0, 0);
        }

        reference.Poke(0, 0, 0);
        for (int i = 0; i < Cores; i++)
        {
            reference.SetRmpOptBase(i, 0, enabled: true);
        }

        return reference;
    }
}
