using System;
using FastRmp.Tests.Paging;

namespace FastRmp.Tests.Access;

/// <summary>A host with paging structures, operands at a few virtual addresses, and an RMP that covers them.</summary>
internal sealed class HypervisorRig : IDisposable
{
    /// <summary>Two virtual pages side by side whose physical pages are not.</summary>
    internal const ulong Data = 0x0000_7000_0000_0000UL;
    internal const ulong Absent = Data + 0x2000;
    internal const ulong BesideReadOnly = Data + 0x3000;
    internal const ulong ReadOnly = Data + 0x4000;
    internal const ulong User = Data + 0x5000;
    internal const ulong Outside = Data + 0x6000;
    internal const ulong LowEnd = 0x0000_7FFF_FFFF_F000UL;
    internal const ulong Top = 0xFFFF_FFFF_FFFF_F000UL;
    internal const ulong Bottom = 0;

    internal const ulong FirstPage = 0x11_8000;
    internal const ulong SecondPage = 0x11_A000;
    internal const ulong ReadOnlyPage = 0x11_B000;
    internal const ulong OtherPage = 0x11_C000;
    internal const ulong Covered = 0x80_0000;

    private const ulong Flags = TableTree.P | TableTree.W;

    internal HypervisorRig(int levels = 4, ModelChoices? choices = null, ProcessorModel? processor = null)
    {
        Tree = new TableTree(levels, pages: 32);
        _ = Tree.Map(Data, FirstPage, flags: Flags).Map(Data + 0x1000, SecondPage, flags: Flags)
            .Map(BesideReadOnly, OtherPage, flags: Flags).Map(ReadOnly, ReadOnlyPage, flags: TableTree.P)
            .Map(User, OtherPage).Map(Outside, 0x4000_0000, flags: Flags)
            .Map(LowEnd, OtherPage, flags: Flags).Map(Top, SecondPage, flags: Flags).Map(Bottom, FirstPage, flags: Flags);
        Table = NewTable(choices, processor);
    }

    internal TableTree Tree { get; }

    internal WalkMemory Memory => Tree.Memory;

    internal ReverseMapTable<ContiguousGeometry> Table { get; }

    internal ExecutionState Processor { get; set; } = ExecutionState.Host;

    public void Dispose() => Table.Dispose();

    internal static ReverseMapTable<ContiguousGeometry> NewTable(ModelChoices? choices = null, ProcessorModel? processor = null) =>
        new(
            ContiguousGeometry.Covering(PhysicalAddress.Create(0x40_0000), Covered), processor ?? ProcessorModel.Venice,
            choices ?? new ModelChoices { RmpOptOnContiguous = true });

    /// <summary>Puts an operand at a virtual address, byte by byte.</summary>
    internal ulong Put(ulong address, RmpUpdateOperand operand)
    {
        for (int i = 0; i < 16; i++)
        {
            ulong physical = Tree.Translate(address + (ulong)i, MemoryAccess.KernelRead with { MayTouchUserPages = true }).Address.Value;
            SetByte(Memory, physical, (byte)((i < 8 ? operand.Low : operand.High) >> (8 * (i % 8))));
        }

        return address;
    }

    internal InstructionResult Update(ulong rax, ulong rcx, bool marks = true, RFlags flags = default) =>
        Update(new InstructionRegisters(rax, rcx, 0x1234, flags), marks);

    internal InstructionResult Update(in InstructionRegisters registers, bool marks)
    {
        WalkView view = new(Memory);
        return marks
            ? HypervisorInstructions.RmpUpdate(Table, ref view, Tree.State(), Processor, registers)
            : HypervisorInstructions.RmpUpdateReadOnlyTables(Table, ref view, Tree.State(), Processor, registers);
    }

    internal InstructionResult Read(ulong rax, ulong rcx, RFlags flags = default) =>
        Read(new InstructionRegisters(rax, rcx, 0x1234, flags));

    internal InstructionResult Read(in InstructionRegisters registers)
    {
        WalkView view = new(Memory);
        return HypervisorInstructions.RmpRead(Table, ref view, Tree.State(), Processor, registers);
    }

    internal static byte ByteAt(WalkMemory memory, ulong physical) => (byte)(memory[physical] >> (int)(8 * (physical % 8)));

    internal static void SetByte(WalkMemory memory, ulong physical, byte value)
    {
        int shift = (int)(8 * (physical % 8));
        memory[physical] = (memory[physical] & ~(0xFFUL << shift)) | ((ulong)value << shift);
    }
}
