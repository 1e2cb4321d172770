using System.CommandLine;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Walk;

/// <summary><c>fastrmp walk</c>: its part of the command line.</summary>
internal static class WalkCommand
{
    internal const string Examples = """
        Examples:
          fastrmp walk guest.core ffff888000000000
              every level on the way, then the page or the fault of a kernel read
          fastrmp walk guest.core 7fffdeadb000 --user --write --cr3 0x100868000
          fastrmp walk host.core ffff888000000000 --write --rmp 64000000:747fffff
              the host's write, checked against the RMP in the image
          fastrmp walk host.core 7fffdeadb000 --user --cr3 0x2a10000 --nested 0x1c3a2000 --rmp 64000000:747fffff --asid 5
              an SNP guest's read: each level of the guest, the nested levels below it, RMP entries
          fastrmp walk guest.core ffffc90000009000 --maxphyaddr 39
              which bits of an entry are reserved if the processor has so many address bits
          fastrmp walk host.core fffc0000 --write --device 00:03.0 --device-table 1000000
              a device's write: device table entry, the IOMMU's levels, the event that Linux logs
          fastrmp walk host.core 7f0012345000 --device 06:00.0 --device-table 1000000 --pasid 5 --control 40020001fc0d
              a read with a PASID: GCR3 table, guest (v2) tables, below each of their entries the host tables, if there are any
          fastrmp walk --rows rows.tsv.gz
              each row's access; prints id, fault, err, pa, pte_after, pde_after, with tabs between them

        Registers are those of the image's note of the processor; EFER.NXE counts as set. Flags as 'map' prints them: X no-execute,
        G global, P large page, D dirty, A accessed, C cache-disable, T write-through, U user, W writable. A fault is a result.

        --nested: of the guest's registers WP and NXE count as set, SMEP and SMAP as clear, PKE as set with --pkru. --c-bit counts in
        both kinds of tables. Without --asid the guest is one without SNP, and EXITINFO1 has no ENC.
        --device: without --control and --features everything that the IOMMU's registers can switch on counts as enabled. The line
        'flags:' says in words what the event's flags mean.
        --rmp: the walk marks entries Accessed and Dirty as hardware does, in a copy, and those writes are checked, too; IOMMUs have
        SNP enabled. The same with --rst and --symbols. The format of entries is that of Zen 3 and Zen 4.

        --rows: tab-separated, a header first. Needed columns, in any order: id levels maxphyaddr cr3 wp nxe smep smap pke pkru va
        user kind twice pml5e pml4e pdpte pde pte; id, levels and maxphyaddr are decimal, the others hexadecimal, 0 or 1; kind is r, w
        or x; - where a value does not apply. Tables are where cr3 and the entries' bits [35:12] point. Expected results, if the
        file has them: fault err pa pte_after pde_after pde_ignore. Exit code 1: a row differs. An address that is not canonical
        has neither fault nor pa.

        """;

    internal static Command Create(Session session)
    {
        WalkOptions options = new();
        Command command = new("walk", "Walks the page tables of a memory image for single addresses, level by level.");
        options.AddTo(command);
        command.SetAction(parse =>
        {
            string? file = parse.GetValue(options.Rows);
            if (!TryGetProcessor(
                parse.GetValue(options.Processor), file is null ? ProcessorModel.Genoa : ProcessorModel.Intel, out ProcessorModel model,
                out string? problem))
            {
                return UsageErrors.Refuse(session, command, problem!);
            }

            if (file is not null)
            {
                bool isAlone = parse.GetValue(options.Image) is null && WalkOptions.FirstGiven(parse, options.OfImage) is null;
                if (!isAlone)
                {
                    return UsageErrors.Refuse(
                        session, command, "--rows defines everything except --processor: it takes no IMAGE and no other option");
                }

                return file.Length == 0
                    ? UsageErrors.Refuse(session, command, "a file name is empty")
                    : RowsRunner.Run(session, file, model);
            }

            problem = WalkRules.Make(options, parse, model, out WalkRequest? request);
            return problem is null ? WalkRunner.Run(session, request!) : UsageErrors.Refuse(session, command, problem);
        });
        return command;
    }

    private static bool TryGetProcessor(string? name, ProcessorModel standard, out ProcessorModel model, out string? problem)
    {
        model = standard;
        problem = null;
        if (name is null) return true;
        if (!ProcessorModel.TryGetPreset(name, out ProcessorModel? preset))
        {
            problem = $"--processor: '{name}' is not one of milan, genoa, turin, venice, intel";
            return false;
        }

        model = preset;
        return true;
    }
}
