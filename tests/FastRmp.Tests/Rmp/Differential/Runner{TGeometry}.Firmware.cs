using Xunit;

namespace FastRmp.Tests.Rmp.Differential;

/// <content>Firmware's commands, raw writes, and what consists of many instructions.</content>
internal sealed partial class Runner<TGeometry>
{
    private int Command(in Operation operation)
    {
        if (_pair.IsMoving(operation.Spa) || _pair.IsMoving(operation.Other)) return 0; // firmware would wait
        ulong spa = operation.Spa;
        switch (operation.Kind)
        {
            case OperationKind.GctxCreate:
                return _pair.GctxCreate(spa);
            case OperationKind.Decommission:
                return _pair.Decommission(spa);
            case OperationKind.Activate:
                return _pair.Activate(operation.State.Asid, operation.Flag ? operation.Other : null);
            case OperationKind.LaunchUpdate:
                return _pair.LaunchUpdate(spa, operation.Size, operation.IsVmsa, operation.Mask(1), operation.Mask(2), operation.Mask(3));
            case OperationKind.SwapOut:
                return _pair.SwapOut(spa, operation.Size);
            case OperationKind.SwapIn:
                return _pair.SwapIn(spa, operation.Size, operation.Gpa, operation.Flag, operation.IsVmsa, operation.High);
            case OperationKind.SwapInMetadata:
                return _pair.SwapInMetadata(spa, operation.Other);
            case OperationKind.PageMove:
                return _pair.PageMove(spa, operation.Other, operation.Size);
            case OperationKind.MdInit:
                return _pair.MdInit(spa, operation.Other);
            case OperationKind.PageSetState:
                return _pair.PageSetState(spa, operation.Low);
            case OperationKind.PageReclaim:
                return _pair.PageReclaim(spa, operation.Size);
            case OperationKind.PageUnsmash:
                return _pair.PageUnsmash(spa);
            case OperationKind.Shutdown:
                return _pair.Shutdown(operation.Flag);
            default:
                return _pair.SnpInit(
                    new PhysicalRange(PhysicalAddress.Create(spa), 0x2000),
                    new PhysicalRange(PhysicalAddress.Create(operation.Other), 0x1000));
        }
    }

    private int Composite(in Operation operation)
    {
        if (!IsCovered(operation.Spa)) return 0;
        ulong start = operation.Spa & ~(ModelPair.RegionBytes - 1);
        switch (operation.Kind)
        {
            case OperationKind.Poke:
                return Poke(operation);
            case OperationKind.TearDown:
                TearDown(start);
                return 0;
            case OperationKind.HoldAll:
                HoldAll(start);
                return 0;
            case OperationKind.FillFirmware:
                for (ulong offset = ModelPair.RegionBytes; offset > 0; offset -= ModelPair.PageBytes)
                {
                    _pair.Update(start + offset - ModelPair.PageBytes, Operands.Assign(0, 0, immutable: true));
                }

                return 0;
            default:
                Damage(start);
                return 0;
        }
    }

    /// <returns>1 + kind if it was made, else 0.</returns>
    private int Poke(in Operation operation)
    {
        ulong page = operation.Spa & ~0xFFFUL;
        RmpEntry entry = Entry(page);
        ulong baseLow = Entry(page & ~(ModelPair.RegionBytes - 1)).Low;
        bool isBase = page % ModelPair.RegionBytes == 0;
        bool isPiece = !isBase && (baseLow & Large) != 0;
        bool isResting = ((entry.Low | baseLow) & (Lock | Immutable)) == 0 && (baseLow & AsidBits) != AsidBits && !isPiece;
        bool isEmpty = (entry.Low & ~Immutable & ~Count) == 0;
        ulong? low = (PokeKind)operation.Which switch
        {
            PokeKind.Fix when isEmpty && !isPiece => entry.Low ^ Immutable,
            PokeKind.Iommu when (entry.Low & ~Count) == (Assigned | Immutable | Lock) => entry.Low | IommuGpa,
            PokeKind.Lock when isResting => entry.Low | Lock,
            PokeKind.Unlock when !isPiece && (entry.Low & (Lock | Immutable)) == Lock => entry.Low & ~Lock,
            PokeKind.Freeze when isResting && isBase && ((entry.Low & Large) != 0 || (entry.Low & (Count | Assigned)) == 0) =>
                entry.Low | AsidBits,
            PokeKind.Thaw when isBase && (entry.Low & AsidBits) == AsidBits => entry.Low & ~AsidBits | (ulong)operation.State.Asid << 51,
            _ => null,
        };
        if (low is not ulong next) return 0;
        _pair.Poke(page, next, entry.High);
        return 1 + operation.Which;
    }

    /// <summary>
    /// The end of a guest: whatever the region is, all of it goes back to the hypervisor; else PSMASH would fill the table with 4 KiB pages
    /// for good. What belongs to the RMP stays.
    /// </summary>
    private void TearDown(ulong start)
    {
        for (ulong page = start; page < start + ModelPair.RegionBytes; page += ModelPair.PageBytes)
        {
            while (_pair.Reference.InUseCount(page) > 0)
            {
                _pair.MarkInUse(page, more: false); // the last one gives a save area its owner back
            }

            ulong low = Entry(page).Low;
            ulong kept = low & ~(Immutable | Lock);
            if ((low & AsidBits) >= InUseAsidBits) kept &= ~AsidBits;
            if (kept != low && !IsRmp(page)) _pair.Poke(page, kept, Entry(page).High);
        }

        if (_pair.Update(start, Operands.Release(PageSize.Size2M)).IsSuccess) return;
        for (ulong page = start; page < start + ModelPair.RegionBytes; page += ModelPair.PageBytes)
        {
            Assert.True(_pair.Update(page, Operands.Release()).IsSuccess || IsRmp(page) || IsRmp(start));
        }
    }

    private bool IsRmp(ulong page) => _pair.Reference.IsEnabled && _plain.IsOwn(page);

    private void HoldAll(ulong start)
    {
        bool isLarge = (Entry(start).Low & Large) != 0;

        // The base last: an immutable one may, by choice, refuse the updates of all others.
        for (ulong offset = isLarge ? ModelPair.PageBytes : ModelPair.RegionBytes; offset > 0; offset -= ModelPair.PageBytes)
        {
            ulong page = start + offset - ModelPair.PageBytes;
            RmpEntry entry = Entry(page);
            if ((entry.Low & Assigned) == 0) continue;
            _pair.Update(page, Operands.Assign(entry.Gpa.Value, entry.Asid, isLarge ? PageSize.Size2M : PageSize.Size4K, immutable: true));
        }
    }

    /// <summary>What a wrong count decides is defined: it is all that a 2 MiB update, PSMASH and a large mapping look at.</summary>
    private void Damage(ulong start)
    {
        RmpEntry entry = Entry(start);
        if ((entry.Low & (Large | Lock)) != 0 || (entry.Low & AsidBits) == AsidBits) return;
        _pair.Poke(start, entry.Low | 0x8, entry.High);
        _pair.Update(start, Operands.Assign(0, 1, PageSize.Size2M));
        _pair.Update(start, Operands.Release(PageSize.Size2M));
        _pair.Smash(start);
        PhysicalAddress inside = PhysicalAddress.Create(start + 0x5123);
        Assert.Equal(
            _pair.Reference.HostMayWriteByCount(start, FastRmp.Reference.ReferencePageSize.Size2M),
            _pair.Table.IsHypervisorOwned(inside, PageSize.Size1G));
        Assert.False(_pair.Table.IsHypervisorOwned(inside, PageSize.Size2M));
        _pair.Poke(start, entry.Low, entry.High);
    }
}
