using System;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Cli.Walk;

/// <summary>Walks of the processor's own tables.</summary>
internal sealed class HostWalk(Session session, MemoryImage image, WalkRequest request, ImageRmp? rmp)
{
    private readonly RmpText _rmpText = new(rmp, vmpl: null);

    /// <summary>Walks each address.</summary>
    /// <returns>Whether the image had what each needed.</returns>
    internal bool Run()
    {
        bool isAnswered = true;
        ImageProcessor processor = Processor();
        PagingState state = processor.PagingState;
        WalkText text = new(session, image.Memory);
        ImageMemoryView memory = image.Memory.View();
        NoCheck none = default;
        WalkTrace trace = default;
        for (int i = 0; i < request.Addresses.Length; i++)
        {
            VirtualAddress address = new(request.Addresses[i]);
            WalkRunner.Begin(session, rmp, i);
            text.Begin(address, request.Access, state, processor.Number);
            WalkResult result = PageWalker.Trace(ref memory, state, address, request.Access, ref none, ref trace);
            ReadOnlySpan<WalkStep> steps = trace.Steps;
            if (rmp is not null)
            {
                result = Checked(memory, rmp, state, address, out int count);
                steps = steps[..Math.Min(count, steps.Length)];
            }

            text.Steps(steps, state.EncryptionMask);
            if (result.Status is WalkStatus.Mapped or WalkStatus.RmpViolation) _rmpText.Line(session, "  RMP  ", result.Address);
            if (WalkRunner.EndsAtMissingRmp(session, image, rmp))
            {
                isAnswered = false;
                continue;
            }

            if (result.Status == WalkStatus.MalformedEntry) text.Reserved(steps[^1], state, request.Walker.PhysicalAddressWidth);
            text.End(result, rmp is { HasRefusedEntry: true });
            if (result.Status == WalkStatus.OutsideMemory)
            {
                isAnswered &= WalkRunner.ReportOutside(session, image, WalkText.Entry(result), result.Address);
            }

            if (result.Status == WalkStatus.Mapped) WalkRunner.RemarkPage(session, image, result.Address);
        }

        return isAnswered;
    }

    /// <summary>The access as the processor makes it: it marks the entries on its way, which the RMP may forbid.</summary>
    private WalkResult Checked(ImageMemoryView memory, ImageRmp table, in PagingState state, VirtualAddress address, out int steps)
    {
        ReadCounter counter = new();
        CopyOnWriteMemory copy = new(memory, counter);
        ImageWalkCheck<HostRmpCheck<RmpGeometry>> check = new(table, new(table.Table), checksReads: false);
        WalkResult result = PageWalker.Access(ref copy, state, address, request.Access, ref check);
        steps = counter.Count;
        return result;
    }

    private ImageProcessor Processor() => ImageSource.Processor(image, request.Cpu, new PagingOptions
    {
        Root = ImageSource.Root(request.Cr3),
        FiveLevels = request.IsFiveLevel,
        Processor = request.Walker,
        Pkru = new Pkru(request.Pkru ?? 0),
        Encryption = ImageSource.Encryption(request.EncryptionBit),
        ShadowStacks = request.Access.IsShadowStack,
    });
}
