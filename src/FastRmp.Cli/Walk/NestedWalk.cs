using System;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Cli.Walk;

/// <summary>Walks of a guest's tables through nested ones, in the image of its host.</summary>
internal sealed class NestedWalk(Session session, ElfCore core, WalkRequest request, NestedRequest nested, ImageRmp? rmp)
{
    private readonly RmpText _rmpText = new(rmp, nested.Guest?.Vmpl);

    internal void Run()
    {
        NestedPagingState state = State();
        NestedText text = new(session, _rmpText);
        SparseMemoryView memory = core.Memory.View();
        NoNestedCheck none = default;
        NestedWalkTrace trace = default;
        for (int i = 0; i < request.Addresses.Length; i++)
        {
            VirtualAddress address = new(request.Addresses[i]);
            WalkRunner.Begin(session, rmp, i);
            text.Begin(address, request.Access, state);
            NestedWalkResult result = NestedWalker.Trace(ref memory, state, address, request.Access, ref none, ref trace);
            ReadOnlySpan<NestedWalkStep> steps = trace.Steps;
            if (rmp is not null)
            {
                result = Checked(memory, rmp, state, address, out int count);
                steps = steps[..Math.Min(count, steps.Length)];
            }

            text.Steps(steps, result, state);
            if (WalkRunner.EndsAtMissingRmp(session, core, rmp)) continue;
            text.Reserved(steps, result, state, request.Walker.PhysicalAddressWidth);
            text.End(result, state);
            if (result.Status == NestedWalkStatus.OutsideMemory) WalkRunner.TellOutside(session, core, NestedText.Outside(result));
        }
    }

    /// <summary>The access as the processor makes it: it marks the entries on its way, which the RMP may forbid.</summary>
    private NestedWalkResult Checked(SparseMemoryView memory, ImageRmp table, in NestedPagingState state, VirtualAddress address, out int steps)
    {
        ReadCounter counter = new();
        CopyOnWriteMemory copy = new(memory, counter);
        ImageGuestCheck check = new(table, nested.Guest);
        NestedWalkResult result = NestedWalker.Access(ref copy, state, address, request.Access, ref check);
        steps = counter.Count;
        return result;
    }

    // The image's notes hold the host's registers, of which the levels count; the guest's are those of a kernel in long mode.
    private NestedPagingState State()
    {
        MemoryEncryption? encryption = request.EncryptionBit is { } bit ? new MemoryEncryption(bit) : null;
        CpuState host = CoreSource.Registers(core, cpu: null, nested.Root, out _);
        bool isHostFiveLevel = nested.IsFiveLevel || host.Cr4.La57;
        ProcessorModel processor = request.Walker with { HasLa57 = isHostFiveLevel || request.IsFiveLevel || request.Walker.HasLa57 };
        Efer efer = new Efer { NoExecuteEnable = true };
        Cr0 guestCr0 = new Cr0 { Paging = true, WriteProtect = true };
        Cr4 guestCr4 = new Cr4 { PhysicalAddressExtensions = true, La57 = request.IsFiveLevel, ProtectionKeys = request.Pkru is not null, ControlFlowEnforcement = request.Access.IsShadowStack };
        PagingState guest = PagingState.FromRegisters(guestCr0, new Cr3(request.Cr3!.Value), guestCr4, efer, processor, new Pkru(request.Pkru ?? 0), encryption: encryption);
        Cr4 hostCr4 = host.Cr4 with { La57 = isHostFiveLevel, SupervisorProtectionKeys = false };
        PagingState hostState = PagingState.FromRegisters(host.Cr0, host.Cr3, hostCr4, efer, processor, encryption: encryption);
        return new NestedPagingState(guest, hostState, nested.VirtualTom, isSnpGuest: nested.Guest is not null, nested.HasExecuteTrap);
    }
}
