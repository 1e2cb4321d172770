using FastRmp.Reference;
using FastRmp.Tests.Rmp;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <content>The commands on pages.</content>
internal sealed partial class RandomFirmwareCommands
{
    private void Command(ulong page)
    {
        PageSize size = Chance(4) ? PageSize.Size2M : PageSize.Size4K;
        if (size == PageSize.Size2M && !Chance(8)) page &= ~(ModelPair.RegionBytes - 1);
        ulong context = Odd(Contexts[Chance(5) ? _random.Next(Contexts.Length) : _random.Next(2)]);
        switch (_random.Next(15))
        {
            case 0 or 1:
                if (!Chance(3)) (page, context) = Held(page, context);
                if (!Chance(8) && page < End) size = (_comparison.Raw(page).Low & 2) != 0 ? PageSize.Size2M : PageSize.Size4K;
                Count("launch_update", _comparison.LaunchUpdate(context, RandomLaunch(page, size)));
                break;
            case 2:
                Count("md_init", _comparison.MdInit(context, Odd(page)));
                break;
            case 3 or 4:
                ReferenceSwap swap = RandomSwap(page, Source(page), isOut: true);
                Count("swap_out", _comparison.SwapOut(context, swap));
                break;
            case 5 or 6:
                Count("swap_in", _comparison.SwapIn(context, RandomSwap(Partner(page), page, isOut: false)));
                break;
            case 7:
                (page, context) = Held(page, context);
                OutAndIn(context, page);
                break;
            case 8 or 9 or 10:
                (page, context) = Held(page, context);
                if (!Chance(8) && page < End) size = (_comparison.Raw(page).Low & 2) != 0 ? PageSize.Size2M : PageSize.Size4K;
                Count("page_move", _comparison.PageMove(context, Odd(page), Odd(Partner(page)), size, Chance(40)));
                break;
            case 11:
                Count(
                    "page_set_state",
                    _comparison.PageSetState(
                        RandomList(page & ~(Chance(4) ? 0xFFFUL : ModelPair.RegionBytes - 1)), Chance(20) ? 8U : 16U, Chance(20)));
                break;
            case 12:
                Count("page_unsmash", _comparison.PageUnsmash(Odd(page & ~(Chance(4) ? 0xFFFUL : ModelPair.RegionBytes - 1))));
                break;
            case 13:
                Write(page);
                break;
            default:
                Count("page_reclaim", _comparison.PageReclaim(Odd(page) & ~1UL, size));
                break;
        }
    }

    /// <summary>Firmware writes an answer or a buffer to a page, or gives a ring's page back: any address in it.</summary>
    private void Write(ulong page)
    {
        ulong address = Odd(Chance(2) ? page : FirmwarePage(page)) | (uint)_random.Next(0x1000);
        switch (_random.Next(5))
        {
            case 0:
                Count("platform_status", _comparison.PlatformStatus(address));
                break;
            case 1:
                Count("feature_info", _comparison.FeatureInfo(address));
                break;
            case 2:
                Count("ring", _comparison.ReclaimRingPage(address));
                break;
            default:
                uint length = _random.Next(6) switch
                {
                    0 => 0,
                    1 => (uint)_random.Next(0x40_0000),
                    2 => (uint)_random.Next(0x3000),
                    _ => (uint)_random.Next(1, 0x20),
                };
                Count("legacy buffer", _comparison.WriteLegacyBuffer(address, length));
                break;
        }
    }

    /// <summary>Often a page in state Firmware.</summary>
    private ulong FirmwarePage(ulong page)
    {
        for (int i = 0; i < 8; i++)
        {
            ulong other = RandomPage();
            if (other < End && _comparison.State(other) == PageState.Firmware) return other & ~0xFFFUL;
        }

        return page;
    }

    private ReferenceLaunchUpdate RandomLaunch(ulong page, PageSize size) => new()
    {
        Page = Odd(page),
        Large = size == PageSize.Size2M,
        Type = Chance(3) ? _random.Next(8) : 1,
        IsMigrationImage = Chance(3),
        Mask1 = Mask(),
        Mask2 = Mask(),
        Mask3 = Mask(),
        HasReserved = Chance(40),
    };

    /// <summary>A page goes out and comes back in, sometimes with what the metadata says changed meanwhile.</summary>
    private void OutAndIn(ulong context, ulong page)
    {
        ReferenceSwap swap = RandomSwap(page, Covered + 0x1000, isOut: true);
        if (!Count("swap_out", _comparison.SwapOut(context, swap))) return;
        if (Chance(4)) Spoil(swap.Entry);

        // In place, but elsewhere: refused for the addresses whatever the destination is, and the metadata entry stays valid.
        if (Chance(2))
        {
            Count(
                "swap_in",
                _comparison.SwapIn(
                    context,
                    swap with { Source = Covered + 0x1000, Destination = RandomPage() & ~0xFFFUL, IsInPlace = true, HasReserved = false }));
        }

        ulong back = Chance(4) ? Partner(page) : page;
        ulong from = _random.Next(4) switch { 0 => back, 1 => back | (Chance(4) ? 1UL << 51 : 0), _ => Covered + 0x1000 };
        Count(
            "swap_in",
            _comparison.SwapIn(context, swap with { Source = from, Destination = back, IsInPlace = Chance(3), HasReserved = false }));
    }

    private void Spoil(ulong entry)
    {
        if (entry % 64 != 0 || entry >> 40 != 0) return;
        switch (_random.Next(6))
        {
            case 0: _comparison.Spoil(entry, static old => old with { IsValid = !old.IsValid }); break;
            case 1: _comparison.Spoil(entry, static old => old with { Vmsa = !old.Vmsa }); break;
            case 2: _comparison.Spoil(entry, static old => old with { IsMetadata = !old.IsMetadata }); break;
            case 3: _comparison.Spoil(entry, static old => old with { Large = !old.Large }); break;
            case 4: _comparison.Spoil(entry, static old => old with { Validated = !old.Validated }); break;
            default: _comparison.Spoil(entry, static old => old with { High = 0x1_0203_0405 }); break;
        }
    }

    private ReferenceSwap RandomSwap(ulong source, ulong destination, bool isOut)
    {
        // The page that firmware holds names type and size; odd ones come besides.
        ulong held = isOut ? source : destination;
        bool known = held < End;
        bool metadata = known && _comparison.State(held) == (isOut ? PageState.Metadata : PageState.Firmware);
        bool large = known && (_comparison.Raw(held).Low & 2) != 0;
        return new ReferenceSwap
        {
            Source = Odd(source),
            Destination = Odd(destination),
            Entry = Odd(Shelves[_random.Next(Shelves.Length)] + ((ulong)_random.Next(4) << 6)),
            IsRoot = Chance(4),
            Software = (ulong)_random.Next(),
            Large = Chance(12) ? !large : large,
            Type = Chance(6) ? _random.Next(4) : metadata ? ReferenceSwap.Metadata : Chance(4) ? ReferenceSwap.Vmsa : ReferenceSwap.Data,
            IsInPlace = !isOut && Chance(6),
            HasReserved = Chance(40),
        };
    }

    private byte Mask() => Chance(16) ? (byte)_random.Next(0x100) : (byte)_random.Next(0x20);

    /// <summary>Often a page that firmware holds for a guest, and that guest.</summary>
    private (ulong Page, ulong Context) Held(ulong page, ulong context)
    {
        for (int i = 0; i < 8; i++)
        {
            ulong other = RandomPage();
            if (other >= End || _comparison.State(other) is not (PageState.PreGuest or PageState.PreSwap or PageState.Metadata)) continue;
            int asid = (int)_comparison.Raw(other).Asid;
            return (other & ~0xFFFUL, asid is 1 or 2 && !Chance(8) ? Contexts[asid - 1] : context);
        }

        return (page, context);
    }

    /// <summary>Where a page may be swapped out to: often beyond what the RMP covers.</summary>
    private ulong Source(ulong page) => Chance(2) ? Covered + 0x1000 : Partner(page);

    /// <summary>Another page, often one that a move can go to.</summary>
    private ulong Partner(ulong page)
    {
        for (int i = 0; i < 8; i++)
        {
            ulong other = RandomPage();
            if (other < End && other != page && _comparison.State(other) is PageState.PreGuest or PageState.Firmware) return other;
        }

        return Chance(4) ? page : RandomPage();
    }
}
