using System;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Cli.Walk;

/// <summary>Walks of a guest's tables through nested ones, in the image of its host.</summary>
internal sealed class NestedWalk(Session session, MemoryImage image, WalkRequest request, NestedRequest nested, ImageRmp? rmp)
{
    private readonly RmpText _rmpText = new(rmp, nested.Guest?.Vmpl);

    /// <summary>Walks each address.</summary>
    /// <returns>Whether the image had what each needed.</returns>
    internal bool Run()
    {
        bool isAnswered = true;
        NestedPagingState state = State();
        NestedText text = new(session, _rmpText, image.Memory);
        ImageMemoryView memory = image.Memory.View();
        NoCheck none = default;
        WalkTrace trace = default;
        for (int i = 0; i < request.Addresses.Length; i++)
        {
            VirtualAddress address = new(request.Addresses[i]);
            WalkRunner.Begin(session, rmp, i);
            text.Begin(address, request.Access, state);
            NestedWalkResult result = NestedWalker.Trace(ref memory, state, address, request.Access, ref none, ref trace);
            ReadOnlySpan<WalkStep> steps = trace.Steps;
            if (rmp is not null)
            {
                result = Checked(memory, rmp, state, address, out int count);
                steps = steps[..Math.Min(count, steps.Length)];
            }

            text.Steps(steps, result, state);
            if (WalkRunner.EndsAtMissingRmp(session, image, rmp))
            {
                isAnswered = false;
                continue;
            }

            text.Reserved(steps, result, state, request.Walker.PhysicalAddressWidth);
            text.End(result, state);
            if (result.Status == NestedWalkStatus.OutsideMemory)
            {
                isAnswered &= WalkRunner.ReportOutside(session, image, NestedText.Outside(result), result.Address);
            }

            if (result.Status == NestedWalkStatus.Mapped) WalkRunner.RemarkPage(session, image, result.Address);
        }

        return isAnswered;
    }

    /// <summary>The access as the processor makes it: it marks the entries on its way, which the RMP may forbid.</summary>
    private NestedWalkResult Checked(
        ImageMemoryView memory, ImageRmp table, in NestedPagingState state, VirtualAddress address, out int steps)
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
        MemoryEncryption? encryption = ImageSource.Encryption(request.EncryptionBit);
        PagingOptions hostOptions = new()
        {
            Root = new Cr3(nested.Root),
            FiveLevels = nested.IsFiveLevel,
            Processor = request.Walker,
            Encryption = encryption,
        };
        PagingState host = ImageSource.Processor(image, cpu: null, hostOptions).PagingState;
        CpuState kernel = CpuState.LongMode(new Cr3(request.Cr3!.Value));
        CpuState registers = kernel with { Control = kernel.Control with { ProtectionKeys = request.Pkru is not null } };
        PagingState guest = registers.ToPagingState(new PagingOptions
        {
            FiveLevels = request.IsFiveLevel,
            Processor = request.Walker,
            Pkru = new Pkru(request.Pkru ?? 0),
            Encryption = encryption,
            ShadowStacks = request.Access.IsShadowStack,
        });
        return new NestedPagingState(guest, host, nested.VirtualTom, isSnpGuest: nested.Guest is not null, nested.HasExecuteTrap);
    }
}
