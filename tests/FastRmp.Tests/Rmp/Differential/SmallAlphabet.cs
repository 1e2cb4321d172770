using System.Collections.Generic;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>Every instruction, firmware command and access with few operands.</summary>
internal static class SmallAlphabet
{
    private const ulong Page = ModelPair.PageBytes;

    // The address that a piece has after PSMASH of its region.
    private const ulong Gpa = 0x4000_0000;

    public static List<Operation> Make(bool hasRmpOpt)
    {
        List<Operation> alphabet = [];
        foreach (ulong first in new[] { 0UL, ModelPair.RegionBytes })
        {
            AddUpdates(alphabet, first);
            AddGuest(alphabet, first);
            AddAccesses(alphabet, first);
            AddFirmware(alphabet, first, lendsContexts: !hasRmpOpt);
        }

        alphabet.Add(new Operation(OperationKind.InUse, 0) { Flag = true });
        alphabet.Add(new Operation(OperationKind.InUse, 0));
        alphabet.Add(new Operation(OperationKind.InUse, Page));
        if (!hasRmpOpt) return alphabet;
        alphabet.Add(new Operation(OperationKind.Opt, 0) { Flag = true });
        alphabet.Add(new Operation(OperationKind.Opt, Page) { Flag = true, Which = 1 });
        return alphabet;
    }

    private static void AddUpdates(List<Operation> alphabet, ulong first)
    {
        ulong second = first + Page;
        foreach (ulong page in new[] { first, second })
        {
            alphabet.Add(Update(page, Operands.Assign(GpaOf(page), 1)));
            alphabet.Add(Update(page, Operands.Assign(GpaOf(page), 1, immutable: true)));
            alphabet.Add(Update(page, Operands.Assign(GpaOf(page), 2)));
            alphabet.Add(Update(page, Operands.Assign(0, 0, immutable: true)));
            alphabet.Add(Update(page, Operands.Release()));
        }

        alphabet.Add(Update(second + Page, Operands.Assign(GpaOf(second + Page), 1, immutable: true)));
        alphabet.Add(Update(second + Page, Operands.Release()));
        alphabet.Add(Update(first, Operands.Assign(GpaOf(first), 1, PageSize.Size2M)));
        alphabet.Add(Update(first, Operands.Assign(GpaOf(first), 1, PageSize.Size2M, immutable: true)));
        alphabet.Add(Update(first, Operands.Release(PageSize.Size2M)));
        alphabet.Add(new Operation(OperationKind.HoldAll, first));
        alphabet.Add(new Operation(OperationKind.Smash, first));
        alphabet.Add(new Operation(OperationKind.Read, first));
        alphabet.Add(new Operation(OperationKind.Read, second));
    }

    private static void AddGuest(List<Operation> alphabet, ulong first)
    {
        ulong second = first + Page;
        alphabet.Add(Guest(OperationKind.Validate, first, PageSize.Size4K, PageSize.Size4K) with { Flag = true });
        alphabet.Add(Guest(OperationKind.Validate, first, PageSize.Size2M, PageSize.Size2M) with { Flag = true });
        alphabet.Add(Guest(OperationKind.Validate, second, PageSize.Size4K, PageSize.Size4K) with { Flag = true });
        alphabet.Add(Guest(OperationKind.Validate, second, PageSize.Size4K, PageSize.Size2M));
        alphabet.Add(Guest(OperationKind.Adjust, first, PageSize.Size2M, PageSize.Size1G) with { Low = 0x01_03_01 });
        alphabet.Add(Guest(OperationKind.Adjust, second, PageSize.Size4K, PageSize.Size4K) with { Low = 0x01_01_01 });
        alphabet.Add(Guest(OperationKind.Adjust, second, PageSize.Size4K, PageSize.Size4K, vmpl: 1) with { Low = 0x00_01_02 });
        alphabet.Add(Guest(OperationKind.Query, second, PageSize.Size4K, PageSize.Size4K) with { Which = 1 });
    }

    private static void AddAccesses(List<Operation> alphabet, ulong first)
    {
        ulong second = first + Page;
        alphabet.Add(Host(first, PageSize.Size4K));
        alphabet.Add(Host(second, PageSize.Size2M));
        alphabet.Add(
            Guest(OperationKind.Guest, second, PageSize.Size4K, PageSize.Size4K) with { Flag = true, Which = (byte)GuestAccessKind.Write });
        alphabet.Add(
            Guest(OperationKind.Guest, second, PageSize.Size4K, PageSize.Size2M, vmpl: 1) with
            {
                Flag = true,
                Which = (byte)GuestAccessKind.Read,
            });
        alphabet.Add(Guest(OperationKind.Guest, second, PageSize.Size4K, PageSize.Size2M) with { Which = (byte)GuestAccessKind.Write });
        alphabet.Add(new Operation(OperationKind.State, first));
        alphabet.Add(new Operation(OperationKind.State, second));
        alphabet.Add(
            new Operation(OperationKind.VmRun, second)
            {
                State = ExecutionState.Guest(1),
                Gpa = GpaOf(second),
                Which = (byte)VmRunPage.SnpVmsa,
                Flag = first == 0,
            });
    }

    // A temporary context is a page assigned for an instant: in a table of one GiB that would end what RMPOPT verified, in one of the
    // models.
    private static void AddFirmware(List<Operation> alphabet, ulong first, bool lendsContexts)
    {
        ulong second = first + Page;
        ulong third = second + Page;
        foreach (OperationKind kind in new[]
        {
            OperationKind.LaunchUpdate, OperationKind.SwapOut, OperationKind.SwapIn, OperationKind.PageReclaim,
        })
        {
            if (kind != OperationKind.PageReclaim && !lendsContexts) continue;
            alphabet.Add(new Operation(kind, second) { Gpa = GpaOf(second), Flag = true, High = 0x01_03_1F });
            if (kind != OperationKind.SwapIn) alphabet.Add(new Operation(kind, first) { Size = PageSize.Size2M });
        }

        alphabet.Add(new Operation(OperationKind.PageReclaim, first));
        alphabet.Add(new Operation(OperationKind.PageUnsmash, first));
        if (lendsContexts)
        {
            alphabet.Add(new Operation(OperationKind.PageMove, second) { Other = third });
            alphabet.Add(new Operation(OperationKind.PageMove, second) { Other = second ^ ModelPair.RegionBytes });
        }

        alphabet.Add(new Operation(OperationKind.GctxCreate, second));
        alphabet.Add(new Operation(OperationKind.Decommission, second));
        alphabet.Add(new Operation(OperationKind.MdInit, first) { Other = second });
    }

    private static ulong GpaOf(ulong page) => Gpa + page;

    private static Operation Update(ulong page, RmpUpdateOperand operand) =>
        new(OperationKind.Update, page) { Low = operand.Low, High = operand.High };

    private static Operation Host(ulong page, PageSize mapping) =>
        new(OperationKind.Host, page) { Which = (byte)AccessKind.Write, Mapping = mapping };

    private static Operation Guest(OperationKind kind, ulong page, PageSize size, PageSize mapping, byte vmpl = 0) =>
        new(kind, page) { State = ExecutionState.Guest(1, vmpl), Gpa = GpaOf(page), Size = size, Mapping = mapping };
}
