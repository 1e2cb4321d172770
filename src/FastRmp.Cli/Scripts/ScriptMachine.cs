using System;
using FastRmp.Firmware;

namespace FastRmp.Cli.Scripts;

/// <summary>What a script drives: a processor with an RMP of some geometry, or with none. One virtual call an operation; nothing is
/// boxed.</summary>
internal abstract class ScriptMachine : IDisposable
{
    /// <summary>Sets SYSCFG.SNP_EN, for good.</summary>
    /// <param name="refusal">Why not, or null.</param>
    /// <returns>Whether SNP is enabled.</returns>
    internal abstract bool TryEnable(out string? refusal);

    internal abstract RmpResult RmpUpdate(PhysicalAddress page, in RmpUpdateOperand operand);

    internal abstract RmpResult PSmash(PhysicalAddress page);

    internal abstract GuestResult PValidate(in GuestKernel guest, in NestedPage page, PageSize size, bool validate);

    internal abstract GuestResult RmpAdjust(in GuestKernel guest, in NestedPage page, PageSize size, RmpAdjustOperand operand);

    internal abstract GuestResult RmpQuery(in GuestKernel guest, in NestedPage page, byte targetVmpl, out RmpQueryOutput output);

    internal abstract RmpResult RmpRead(PhysicalAddress page, out RmpReadOutput output);

    internal abstract RmpOptResult RmpOpt(PhysicalAddress address, RmpOptFunction function);

    /// <summary>A host access; zero if it may happen, else the error code of #PF.</summary>
    internal abstract PageFaultErrorCode Host(AccessKind kind, PhysicalAddress address, PageSize mapping, bool isUser);

    /// <summary>An access of an SNP guest.</summary>
    internal abstract GuestResult Guest(in GuestAccess access, in NestedPage page);

    /// <summary>Why this machine cannot execute a command of firmware at all, or null.</summary>
    internal abstract string? FirmwareRefusal(in FirmwareRequest request);

    /// <summary>A command of firmware.</summary>
    internal abstract FirmwareStatus Firmware(in FirmwareRequest request);

    /// <summary>A line about the state of firmware, a guest or an ASID.</summary>
    internal abstract string FirmwareText(in FirmwareRequest request);

    internal abstract void MarkInUse(PhysicalAddress page);

    internal abstract bool TryUnmarkInUse(PhysicalAddress page);

    /// <summary>The raw entry; false if the page is not covered.</summary>
    internal abstract bool TryReadRaw(PhysicalAddress page, out RmpEntry entry);

    internal abstract PageState StateOf(PhysicalAddress page);

    internal abstract ulong AssignedPages(uint asid);

    /// <inheritdoc/>
    public abstract void Dispose();
}
