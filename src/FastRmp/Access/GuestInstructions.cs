using FastRmp.Paging;

namespace FastRmp;

/// <summary>PVALIDATE, RMPADJUST and RMPQUERY from a guest virtual address in a register: the nested walk, then the instruction, every
/// fault in its order.</summary>
/// <remarks>
/// <para>Source: AMD64 APM vol. 3, the three instructions; vol. 2, 15.25 and 15.36. The order: #UD; #GP(0); FAIL_INPUT and, of RMPADJUST
/// and RMPQUERY, the target VMPL; an address that is not canonical (#GP(0): RAX is not a stack reference); the walk as that of a
/// supervisor's read of one byte, RFLAGS.AC included, with the RMP checks of the guest's tables; then what
/// <see cref="ReverseMapTable{TGeometry}"/> says of the page, which the walk itself does not check.</para>
/// <para>The access is private whatever the C-bit, and all its nested page faults have ENC. What a shared mapping leads to is
/// <see cref="ModelChoices.InstructionsTakeSharedMappings"/>.</para>
/// <para>Total: registers may hold anything. Outside 64-bit mode PVALIDATE takes EAX alone. Nothing is allocated. Any threads: the walk and
/// the instruction are each as atomic as they are by themselves.</para>
/// </remarks>
public static partial class GuestInstructions
{
    /// <summary>PVALIDATE as the processor executes it: the walk sets Accessed and Dirty bits.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The RMP.</param>
    /// <param name="memory">The memory.</param>
    /// <param name="paging">The guest's paging and the host's.</param>
    /// <param name="processor">The executing processor.</param>
    /// <param name="registers">RAX: the address, of which [11:0] do not count. ECX: the size, 0 or 1. EDX: 0 or 1; other bits are refused
    /// unless <see cref="ModelChoices.IgnoreReservedOperandBits"/>.</param>
    /// <returns>The outcome. Only SUCCESS with CF = 0 changed the RMP.</returns>
    public static InstructionResult PValidate<TMemory, TGeometry>(
        ReverseMapTable<TGeometry> table, scoped ref TMemory memory, in NestedPagingState paging, in ExecutionState processor,
        in InstructionRegisters registers)
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry =>
        PValidate<TMemory, TGeometry, UpdatingWalk<TMemory>>(table, ref memory, paging, processor, registers);

    /// <summary>PVALIDATE that leaves the paging structures as they are: for memory that cannot be written.</summary>
    /// <inheritdoc cref="PValidate{TMemory,TGeometry}"/>
    public static InstructionResult PValidateReadOnlyTables<TMemory, TGeometry>(
        ReverseMapTable<TGeometry> table, scoped ref TMemory memory, in NestedPagingState paging, in ExecutionState processor,
        in InstructionRegisters registers)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry =>
        PValidate<TMemory, TGeometry, ReadingWalk<TMemory>>(table, ref memory, paging, processor, registers);

    /// <summary>RMPADJUST as the processor executes it: the walk sets Accessed and Dirty bits.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The RMP.</param>
    /// <param name="memory">The memory.</param>
    /// <param name="paging">The guest's paging and the host's.</param>
    /// <param name="processor">The executing processor.</param>
    /// <param name="registers">RAX: the address, of which [11:0] do not count. RCX: the size, 0 or 1. RDX:
    /// <see cref="RmpAdjustOperand"/>.</param>
    /// <returns>The outcome. Only SUCCESS changed the RMP.</returns>
    public static InstructionResult RmpAdjust<TMemory, TGeometry>(
        ReverseMapTable<TGeometry> table, scoped ref TMemory memory, in NestedPagingState paging, in ExecutionState processor,
        in InstructionRegisters registers)
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry =>
        RmpAdjust<TMemory, TGeometry, UpdatingWalk<TMemory>>(table, ref memory, paging, processor, registers);

    /// <summary>RMPADJUST that leaves the paging structures as they are: for memory that cannot be written.</summary>
    /// <inheritdoc cref="RmpAdjust{TMemory,TGeometry}"/>
    public static InstructionResult RmpAdjustReadOnlyTables<TMemory, TGeometry>(
        ReverseMapTable<TGeometry> table, scoped ref TMemory memory, in NestedPagingState paging, in ExecutionState processor,
        in InstructionRegisters registers)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry =>
        RmpAdjust<TMemory, TGeometry, ReadingWalk<TMemory>>(table, ref memory, paging, processor, registers);

    /// <summary>RMPQUERY as the processor executes it: the walk sets Accessed and Dirty bits.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The RMP.</param>
    /// <param name="memory">The memory.</param>
    /// <param name="paging">The guest's paging and the host's.</param>
    /// <param name="processor">The executing processor.</param>
    /// <param name="registers">RAX: the address, of which [11:0] do not count. RDX[7:0]: the target VMPL; what else RDX holds does not
    /// count, for it is an output.</param>
    /// <returns>The outcome. After SUCCESS RCX is the size of the RMP's page, and RDX tells VMPL, mask and VMSA; else both are as
    /// before.</returns>
    public static InstructionResult RmpQuery<TMemory, TGeometry>(
        ReverseMapTable<TGeometry> table, scoped ref TMemory memory, in NestedPagingState paging, in ExecutionState processor,
        in InstructionRegisters registers)
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry =>
        RmpQuery<TMemory, TGeometry, UpdatingWalk<TMemory>>(table, ref memory, paging, processor, registers);

    /// <summary>RMPQUERY that leaves the paging structures as they are: for memory that cannot be written.</summary>
    /// <inheritdoc cref="RmpQuery{TMemory,TGeometry}"/>
    public static InstructionResult RmpQueryReadOnlyTables<TMemory, TGeometry>(
        ReverseMapTable<TGeometry> table, scoped ref TMemory memory, in NestedPagingState paging, in ExecutionState processor,
        in InstructionRegisters registers)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry =>
        RmpQuery<TMemory, TGeometry, ReadingWalk<TMemory>>(table, ref memory, paging, processor, registers);
}
