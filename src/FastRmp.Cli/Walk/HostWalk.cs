using System;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Cli.Walk;

/// <summary>Walks of the processor's own tables.</summary>
internal sealed class HostWalk(Session session, ElfCore core, WalkRequest request, ImageRmp? rmp)
{
    private readonly RmpText _rmpText = new(rmp, vmpl: null);

    internal void Run()
    {
        PagingState state = State(out int? cpu);
        WalkText text = new(session);
        SparseMemoryView memory = core.Memory.View();
        NoCheck none = default;
        WalkTrace trace = default;
        for (int i = 0; i < request.Addresses.Length; i++)
        {
            VirtualAddress address = new(request.Addresses[i]);
            WalkRunner.Begin(session, rmp, i);
            text.Begin(address, request.Access, state, cpu);
            WalkResult result = PageWalker.Trace(ref memory, state, address, request.Access, ref none, ref trace);
            ReadOnlySpan<WalkStep> steps = trace.Steps;
            if (rmp is not null)
            {
                result = Checked(memory, rmp, state, address, out int count);
                steps = steps[..Math.Min(count, steps.Length)];
            }

            text.Steps(steps, state.EncryptionMask);
            if (result.Status is WalkStatus.Mapped or WalkStatus.RmpViolation) _rmpText.Line(session, "  RMP  ", result.Address);
            if (WalkRunner.EndsAtMissingRmp(session, core, rmp)) continue;
            if (result.Status == WalkStatus.MalformedEntry) text.Reserved(steps[^1], state, request.Walker.PhysicalAddressWidth);
            text.End(result, rmp is { HasRefusedEntry: true });
            if (result.Status == WalkStatus.OutsideMemory) WalkRunner.TellOutside(session, core, WalkText.Entry(result));
        }
    }

    /// <summary>The access as the processor makes it: it marks the entries on its way, which the RMP may forbid.</summary>
    private WalkResult Checked(SparseMemoryView memory, ImageRmp table, in PagingState state, VirtualAddress address, out int steps)
    {
        ReadCounter counter = new();
        CopyOnWriteMemory copy = new(memory, counter);
        ImageWalkCheck<HostRmpCheck<ContiguousGeometry>> check = new(table, new(table.Table), checksReads: false);
        WalkResult result = PageWalker.Access(ref copy, state, address, request.Access, ref check);
        steps = counter.Count;
        return result;
    }

    // EFER is in no note: a kernel in long mode has NXE set.
    private PagingState State(out int? cpu)
    {
        CpuState registers = CoreSource.Registers(core, request.Cpu, request.Cr3, out cpu);
        bool isFiveLevel = request.IsFiveLevel || registers.Cr4.La57;
        Cr4 cr4 = registers.Cr4 with { La57 = isFiveLevel, SupervisorProtectionKeys = false, ControlFlowEnforcement = request.Access.IsShadowStack || registers.Cr4.ControlFlowEnforcement };
        ProcessorModel processor = request.Walker with { HasLa57 = isFiveLevel || request.Walker.HasLa57 };
        MemoryEncryption? encryption = request.EncryptionBit is { } bit ? new MemoryEncryption(bit) : null;
        return PagingState.FromRegisters(registers.Cr0, registers.Cr3, cr4, new Efer { NoExecuteEnable = true }, processor, new Pkru(request.Pkru ?? 0), encryption: encryption);
    }
}
