using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FastRmp.Addressing;
using FastRmp.Cli.Shell;
using FastRmp.Layouts;
using FastRmp.Model;
using FastRmp.Paging;

namespace FastRmp.Cli.Walk;

/// <summary><c>fastrmp walk</c>: its part of the command line.</summary>
internal static class WalkCommand
{
    internal const string Examples = """
        Examples:
          fastrmp walk guest.core ffff888000000000
              every level on the way, then the page or the fault of a kernel read
          fastrmp walk guest.core 7fffdeadb000 --user --write --cr3 0x100868000
          fastrmp walk --rows rows.tsv.gz
              each row's access; prints id, fault, err, pa, pte_after, pde_after, with tabs between them

        Registers are those of the image's note of the processor; EFER.NXE counts as set. Flags as 'map' prints them: X no-execute,
        G global, P large page, D dirty, A accessed, C cache-disable, T write-through, U user, W writable. A fault is a result.

        --rows: tab-separated, a header first. Needed columns, in any order: id levels maxphyaddr cr3 wp nxe smep smap pke pkru va
        user kind twice pml5e pml4e pdpte pde pte; id, levels and maxphyaddr are decimal, the others hexadecimal, 0 or 1; kind is r, w
        or x; - where a value does not apply. Tables stand where cr3 and the entries' bits [35:12] put them. Expected results, if the
        file has them: fault err pa pte_after pde_after pde_ignore. Exit code 1: a row differs. An address that is not canonical
        has neither fault nor pa.

        """;

    internal static Command Create(Session session)
    {
        Argument<string?> image = new("IMAGE") { Arity = ArgumentArity.ZeroOrOne, Description = "ELF64 core, as QEMU's dump-guest-memory writes it, plain or gzip; - reads standard input." };
        Argument<ulong[]> addresses = new("VA") { Arity = ArgumentArity.ZeroOrMore, Description = "Virtual addresses, hexadecimal with or without 0x.", CustomParser = Parse };
        Option<string?> rows = new("--rows") { HelpName = "FILE", Description = "Perform the accesses of a file of rows instead, plain or gzip; - reads standard input." };
        Option<bool> write = new("--write") { Description = "The access is a write. Default: a read." };
        Option<bool> fetch = new("--fetch") { Description = "The access is an instruction fetch." };
        Option<bool> user = new("--user") { Description = "The access is made in user mode. Default: by the kernel." };
        Option<bool> ac = new("--ac") { Description = "RFLAGS.AC is set: the kernel may touch user pages in spite of SMAP." };
        Option<int?> cpu = new("--cpu") { HelpName = "N", Description = "The processor whose registers count. Default: 0.", CustomParser = Numbers.Count };
        Option<ulong?> cr3 = new("--cr3") { HelpName = "HEX", Description = "Follow this root instead of a processor's; bits [11:0] do not matter.", CustomParser = Numbers.Address };
        Option<bool> la57 = new("--la57") { Description = "Five levels, whatever CR4.LA57 says." };
        Option<ulong?> pkru = new("--pkru") { HelpName = "HEX", Description = "PKRU, which counts if CR4.PKE is set. Default: 0, all keys allow everything.", CustomParser = Numbers.Address };
        Option<int?> encryption = new("--c-bit") { HelpName = "N", Description = "Bit N of entries and CR3, 32 to 51, is the C-bit and no address bit.", CustomParser = Numbers.Count };
        Option<string?> processor = new("--processor") { HelpName = "NAME", Description = "milan, genoa, turin, venice or intel. Default: genoa; intel for --rows, which name the width themselves." };
        Command command = new("walk", "Walks the page tables of a memory image for single addresses, level by level.") { image, addresses, rows, write, fetch, user, ac, cpu, cr3, la57, pkru, encryption, processor };
        command.SetAction(parse =>
        {
            string? file = parse.GetValue(rows);
            if (!TryGetProcessor(parse.GetValue(processor), file is null ? ProcessorModel.Genoa : ProcessorModel.Intel, out ProcessorModel model, out string? problem))
            {
                return UsageErrors.Refuse(session, command, problem!);
            }

            if (file is not null)
            {
                bool isAlone = parse.GetValue(image) is null && IsWithoutAccess(parse, [write, fetch, user, ac, cpu, cr3, la57, pkru, encryption]);
                if (!isAlone) return UsageErrors.Refuse(session, command, "--rows tells everything but --processor itself: it takes no IMAGE and no other option");
                return file.Length == 0 ? UsageErrors.Refuse(session, command, "a file name is empty") : RowsRunner.Run(session, file, model);
            }

            AccessKind kind = parse.GetValue(write) ? AccessKind.Write : parse.GetValue(fetch) ? AccessKind.Fetch : AccessKind.Read;
            ulong[] asked = parse.GetValue(addresses) ?? [];
            WalkRequest request = new(
                parse.GetValue(image) ?? string.Empty,
                System.Array.ConvertAll(asked, static address => new VirtualAddress(address)),
                new MemoryAccess(kind, parse.GetValue(user), parse.GetValue(ac)),
                parse.GetValue(cpu),
                parse.GetValue(cr3),
                parse.GetValue(la57),
                model,
                parse.GetValue(pkru) ?? 0,
                parse.GetValue(encryption));
            problem = parse.GetValue(image) is null ? "an IMAGE or --rows is needed"
                : parse.GetValue(write) && parse.GetValue(fetch) ? "--write and --fetch exclude each other"
                : Problem(request);
            return problem is null ? WalkRunner.Run(session, request) : UsageErrors.Refuse(session, command, problem);
        });
        return command;
    }

    private static string? Problem(WalkRequest request)
    {
        const int LowestEncryptionBit = 32;
        const int HighestEncryptionBit = 51;
        if (request.Image.Length == 0) return "a file name is empty";
        if (request.Addresses.Length == 0) return "a virtual address is needed";
        if (request.Cpu is not null && request.Cr3 is not null) return "--cpu and --cr3 exclude each other";
        if (request.Cr3 is { } root && new Cr3(root).HasReservedBits) return $"--cr3: 0x{root:x} is no physical address, which ends at 0x{PhysicalAddress.ValidMask:x}";
        if (new Pkru(request.Pkru).HasReservedBits) return $"--pkru: 0x{request.Pkru:x} has more than 32 bits";
        return request.EncryptionBit is < LowestEncryptionBit or > HighestEncryptionBit
            ? string.Create(CultureInfo.InvariantCulture, $"--c-bit: {request.EncryptionBit} is not {LowestEncryptionBit} to {HighestEncryptionBit}")
            : null;
    }

    private static bool IsWithoutAccess(ParseResult parse, Option[] options) => !System.Array.Exists(options, option => parse.GetResult(option) is { Implicit: false });

    private static bool TryGetProcessor(string? name, ProcessorModel standard, out ProcessorModel model, out string? problem)
    {
        model = standard;
        problem = null;
        if (name is null) return true;
        if (!ProcessorModel.TryGetPreset(name, out ProcessorModel? preset))
        {
            problem = $"--processor: '{name}' is none of milan, genoa, turin, venice, intel";
            return false;
        }

        model = preset;
        return true;
    }

    private static ulong[]? Parse(ArgumentResult result)
    {
        ulong[] values = new ulong[result.Tokens.Count];
        for (int i = 0; i < values.Length; i++)
        {
            if (!Numbers.TryAddress(result, result.Tokens[i].Value, out values[i])) return null;
        }

        return values;
    }
}
