using FastRmp.Addressing;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images.Elf;
using FastRmp.Layouts;
using FastRmp.Memory;
using FastRmp.Model;
using FastRmp.Paging;

namespace FastRmp.Cli.Walk;

/// <summary><c>fastrmp walk</c>: opens the image, walks each address, prints every level and the end.</summary>
internal static class WalkRunner
{
    internal static int Run(Session session, WalkRequest request)
    {
        using ElfCore core = CoreSource.Open(session, request.Image);
        session.Report(core.Problems);
        PagingState state = State(core, request, out int? cpu);
        WalkText text = new(session);
        SparseMemoryView memory = core.Memory.View();
        NoCheck check = default;
        WalkTrace trace = default;
        bool isFirst = true;
        foreach (VirtualAddress address in request.Addresses)
        {
            if (!isFirst) session.Output.WriteLine(string.Empty);
            isFirst = false;
            text.Begin(address, request.Access, state, cpu);
            Translation result = PageWalker.Trace(ref memory, state, address, request.Access, ref check, ref trace);
            text.Steps(trace, state);
            text.End(result);
            if (result.Status == WalkStatus.OutsideMemory) session.Error($"{core.Image.Name}: the {WalkText.Entry(result)} is not in the image");
        }

        return core.Problems.Any ? ExitCode.BadInput : ExitCode.Done;
    }

    // EFER is in no note: a kernel in long mode has NXE set.
    private static PagingState State(ElfCore core, WalkRequest request, out int? cpu)
    {
        CpuState registers = CoreSource.Registers(core, request.Cpu, request.Cr3, out cpu);
        bool isFiveLevel = request.IsFiveLevel || registers.Cr4.La57;
        Cr4 cr4 = registers.Cr4.WithLa57(isFiveLevel).WithSupervisorProtectionKeys(false);
        ProcessorModel processor = request.Processor with { HasLa57 = isFiveLevel || request.Processor.HasLa57 };
        MemoryEncryption? encryption = request.EncryptionBit is { } bit ? new MemoryEncryption(bit) : null;
        return PagingState.FromRegisters(registers.Cr0, registers.Cr3, cr4, default(Efer).WithNoExecuteEnable(true), processor, new Pkru(request.Pkru), encryption: encryption);
    }
}
