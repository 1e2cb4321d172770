using FastRmp.Firmware;

namespace FastRmp.Judges.Firmware;

/// <summary>What firmware keeps, as the rows write it.</summary>
internal static class RowNotation
{
    internal static string Of(PlatformState state) =>
        $"snp={Bit(state.IsSnpInitialized)} rmpinit={Bit(state.IsRmpInitialized)} iommu={Bit(state.IsIommuEnforced)} "
            + $"guests={state.Guests:x} sev={(int)state.Sev} wbinvd={state.FlushedCoreComplexes:x} snpen={Bit(state.IsSnpEnabled)}";

    internal static string Of(AsidState state) => $"{state.Dirty:x}/{state.Clean:x}/{state.Allocated:x}/{state.Used:x}";

    internal static string Of(in GuestContext context) =>
        $"state={(int)context.State} asid={context.Asid:x} flags={(int)context.Flags:x} ccxs={context.CoreComplexes:x} "
            + $"imi={Bit(context.IsMigrationImage)} policy={context.Policy.Value:x} ma={context.MigrationAgent:x} iv={context.IvCount:x} "
            + $"root {Of(context.Root)}";

    internal static string Of(in MetadataEntry entry) =>
        $"sw={entry.SoftwareData:x} iv={entry.Iv:x} valid={Bit(entry.IsValid)} validated={Bit(entry.IsValidated)} vmsa={Bit(entry.IsVmsa)} "
            + $"metadata={Bit(entry.IsMetadata)} size={(int)entry.Size} gpa={entry.GuestPage:x} vmpl={entry.Permissions:x}";

    private static int Bit(bool value) => value ? 1 : 0;
}
