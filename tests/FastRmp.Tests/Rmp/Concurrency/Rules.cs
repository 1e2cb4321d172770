using FastRmp.Reference;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>
/// One processor and one set of choices for table and reference: everything that any generation has, so that all instructions run against
/// each other.
/// </summary>
/// <param name="contention">The code of contention.</param>
/// <param name="geometry">The table, if it is not one for one region.</param>
internal sealed class Rules(ContentionCode contention, ContiguousGeometry? geometry = null)
{
    /// <summary>Cores that run RMPOPT.</summary>
    public const int Cores = 2;

    public static ContiguousGeometry Geometry { get; } = ContiguousGeometry.Covering(
        PhysicalAddress.Create(0x10_0000), ModelPair.RegionBytes);

    /// <summary>The table that these rules are for.</summary>
    public ContiguousGeometry Table { get; } = geometry ?? Geometry;

    public static ProcessorModel Processor { get; } = ProcessorModel.Venice with { HasHvInUseWrAllowed = false, HasInUse2MErratum = true };

    public ModelChoices Choices { get; } = ModelChoices.Default with { Contention = contention, RmpOptOnContiguous = true };

    public static RmpOptCore[] MakeCores()
    {
        RmpOptCore[] cores = new RmpOptCore[Cores];
        for (int i = 0; i < cores.Length; i++)
        {
            cores[i] = RmpOptCore.EnabledAt(default);
        }

        return cores;
    }

    public ReferenceRmp MakeReference()
    {
        ReferenceRmp reference = new(
            new ReferenceProcessor
            {
                GpaMask = Processor.GpaMask,
                MaxAsid = Processor.MaxAsid,
                HasRmpRead = true,
                HasRmpOpt = true,
                HvInUseWriteAllowed = false,
                HasInUseErratum = true,
            },
            new ReferenceChoices
            {
                EntryContentionCode = contention == ContentionCode.FailOverlap ? ReferenceCode.FailOverlap : ReferenceCode.FailInUse,
                RegionContentionCode = contention == ContentionCode.FailInUse ? ReferenceCode.FailInUse : ReferenceCode.FailOverlap,
                RmpOptNeedsSegments = false,
            },
            Table.Base.Value,
            Table.End.Value);

        // Firmware's commands want SNP enabled; the pages of the RMP itself stay the hypervisor's, as in the table.
        reference.SetEnabled(true);
        for (int i = 0; i < Cores; i++)
        {
            reference.SetRmpOptBase(i, 0, enabled: true);
        }

        return reference;
    }
}
