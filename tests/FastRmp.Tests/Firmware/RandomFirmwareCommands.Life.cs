using System.Collections.Generic;
using System.Collections.Immutable;
using FastRmp.Firmware;
using FastRmp.Reference;
using FastRmp.Tests.Rmp;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <content>The platform's life and that of its guests.</content>
internal sealed partial class RandomFirmwareCommands
{
    private const ulong Policy = 0x3_0000;

    /// <summary>Three pages that become contexts; the third is that of a migration agent.</summary>
    private static readonly ulong[] Contexts = [R + 0x2000, Q + 0x2000, Q + 0x10_0000];

    /// <summary>Two pages of metadata.</summary>
    private static readonly ulong[] Shelves = [R + 0x1000, Q + 0xF_F000];

    /// <summary>From whatever there is to two guests: the first runs, the second is under launch.</summary>
    private void NewLife()
    {
        foreach (ulong context in Contexts)
        {
            Count("decommission", _comparison.Decommission(context));
        }

        if (Chance(8)) _comparison.SevInit();
        _comparison.SevShutdown();
        Flush();
        Stop();
        _comparison.Enable();
        _comparison.SetMachine(RandomMachine(isSound: false));
        Count("snp_init_ex", _comparison.Init(RandomInit()));
        if (!_comparison.IsInitialized)
        {
            _comparison.SetMachine(RandomMachine(isSound: true));
            _comparison.Init(new ReferenceInit());
        }

        _comparison.Compare(0, Covered);
        CompareAll();
        if (Chance(10)) return; // nothing is launched, and all ASIDs are dirty
        Flush();
        foreach (ulong context in Contexts)
        {
            _comparison.Update(context, Operands.Assign(0, 0, immutable: true));
            Count("gctx_create", _comparison.GctxCreate(context));
        }

        Count("launch_start", _comparison.LaunchStart(Contexts[0], Policy | 1UL << 18, hasAgent: false));
        Count("launch_start", _comparison.LaunchStart(Contexts[1], Policy, isImage: Chance(6)));
        if (Chance(4) && Count("activate_ex", _comparison.ActivateEx(Contexts[0], 1, 1)))
        {
            Count("activate_ex", _comparison.ActivateEx(Contexts[0], 1, (ushort)_random.Next(1, 4)));
        }
        else
        {
            Count("activate", _comparison.Activate(Contexts[0], 1));
        }

        Count("activate", _comparison.Activate(Contexts[1], 2));
        Count("launch_finish", _comparison.LaunchFinish(Contexts[0]));
        for (int i = 0; i < Shelves.Length; i++)
        {
            _comparison.Update(Shelves[i], Operands.Assign(0, 0, immutable: true));
            Count("md_init", _comparison.MdInit(Contexts[i], Shelves[i]));
        }
    }

    private void Flush()
    {
        _comparison.Wbinvd(_random.Next(2));
        if (Chance(3)) _comparison.DfFlush();
        _comparison.Wbinvd(0);
        _comparison.Wbinvd(1);
        if (!Chance(20)) Count("df_flush", _comparison.DfFlush());
    }

    private void Stop()
    {
        if (Chance(4)) _comparison.Shutdown(Chance(2), Chance(2), Chance(2) ? 8U : (uint)_random.Next(12), Chance(8));
        if (Chance(3)) Count("shutdown", _comparison.Shutdown());
        else Count("shutdown_ex", _comparison.Shutdown(Chance(2), Chance(4)));
    }

    /// <summary>One step in the life of a guest or of the platform.</summary>
    private void Life()
    {
        ulong context = Odd(Contexts[_random.Next(Contexts.Length)]);
        switch (_random.Next(12))
        {
            case 0:
                Count("gctx_create", _comparison.GctxCreate(Chance(2) ? context : Odd(RandomPage())));
                break;
            case 1 when Chance(3):
                Count("decommission", _comparison.Decommission(Chance(2) ? context : Odd(RandomPage())));
                break;
            case 2 or 3:
                ulong policy = Chance(2) ? Policy : Policy ^ (1UL << _random.Next(64)) ^ (ulong)_random.Next(0x200);
                if (Chance(6)) policy |= 5UL << 18; // an agent, and one socket only
                Count(
                    "launch_start",
                    _comparison.LaunchStart(
                        context, policy, Chance(3), Chance(2) ? 0 : Odd(Contexts[_random.Next(Contexts.Length)]), Chance(6), Chance(20)));
                break;
            case 4 or 5:
                if (Chance(2))
                {
                    Count("activate", _comparison.Activate(context, RandomAsid()));
                }
                else
                {
                    Count(
                        "activate_ex",
                        _comparison.ActivateEx(
                            context, RandomAsid(), (ushort)(Chance(8) ? _random.Next(0x1_0000) : _random.Next(4)), Chance(16)));
                }

                break;
            case 6:
                Count("launch_finish", _comparison.LaunchFinish(context, Chance(20)));
                break;
            case 7:
                _comparison.Wbinvd(_random.Next(2));
                Count("df_flush", _comparison.DfFlush());
                break;
            case 8 when Chance(4):
                _comparison.SevInit();
                break;
            case 9:
                _comparison.SevShutdown();
                break;
            case 10 when Chance(10):
                Stop();
                _comparison.Enable();
                Count("snp_init_ex", _comparison.Init(RandomInit()));
                break;
            default:
                _comparison.Init(new ReferenceInit { InitRmp = false, HasReserved = Chance(4) });
                break;
        }
    }

    private uint RandomAsid() => _random.Next(8) switch
    {
        0 => 0,
        1 => 1006,
        2 => (uint)_random.Next(1000, 1012),
        3 => (uint)_random.Next(2046, 2050),
        4 => uint.MaxValue,
        _ => (uint)_random.Next(1, 5),
    };

    private ReferenceInit RandomInit() => new()
    {
        InitRmp = !Chance(4),
        // A list in the RMP's own pages before there is an RMP is not covered by a rule.
        List = Chance(3) ? RandomList(RandomPage() & ~0xFFFUL) is { Address: not (OwnStart + 0x1000) } list ? list : null : null,
        HasReserved = Chance(20),
    };

    /// <summary>
    /// A range list, mostly good. Its ranges do not overlap, nor are they of the sizes that the published firmware gets wrong.
    /// </summary>
    private ReferenceRangeList RandomList(ulong first)
    {
        List<ReferenceListEntry> ranges = [];
        ulong next = first;
        for (int i = _random.Next(1, 4); i > 0; i--)
        {
            ulong pages = _random.Next(6) switch { 0 => 0, 1 => 200, 2 => 400, 3 => 512, _ => (ulong)_random.Next(1, 200) };
            if (pages == 512) pages = 600;
            ranges.Add(new ReferenceListEntry(Chance(20) ? next + 0x800 : next, pages, Chance(20) ? 1UL : 0));
            next = (next + (pages << 12) + ModelPair.RegionBytes - 1) & ~(ModelPair.RegionBytes - 1);
        }

        return new ReferenceRangeList
        {
            Address = Odd(0x200_0000),
            Count = Chance(12) ? (uint)_random.Next(300) : null,
            HasReserved = Chance(20),
            Ranges = ranges,
        };
    }

    private FirmwareMachine RandomMachine(bool isSound)
    {
        bool fails = !isSound && Chance(3);
        ImmutableArray<PhysicalRange> dram = _random.Next(4) switch
        {
            0 => [Range(0, OwnStart - 1), Range(OwnStart, 0xFFF_FFFF)],
            1 when !isSound => [.. RandomRanges(2), Range(0, _random.Next(2) == 0 ? Covered - 1 : 0x9F_FFFF)],
            2 => [],
            _ => [Range(0, 0xFFF_FFFF)],
        };
        return new FirmwareMachine
        {
            CoreComplexes = 2,
            Dram = dram,
            Tseg = isSound || !Chance(4) ? default : RandomRange(),
            ChecksTseg = Chance(2),
            IsAsegEnabled = Chance(2),
            Protected = Chance(6) ? [Range(Q + 0x20_0000, Q + 0x20_FFFF)] : [],
            IommuBuffers = isSound ? [Range(0x40_1000, 0x40_2FFF)] : [.. RandomRanges(3)],
            AreIommusReady = !fails || !Chance(4),
            AreRmpBoundsEqual = !fails || !Chance(6),
            IsMfdmEnabled = !fails || !Chance(8),
            IsVmplEnabled = !fails || !Chance(8),
            IsHostSaveAreaClear = !fails || !Chance(4),
            IsTcbChanged = Chance(6),
            RmpBase = fails && Chance(8) ? OwnStart | (1UL << _random.Next(48, 52)) : null,
            RmpEnd = fails && Chance(8) ? OwnEnd | (1UL << 51) : null,
            SupportsX86Shutdown = !Chance(5),
            FailsX86Shutdown = Chance(5),
            IsSmtEnabled = !Chance(4),
            Sockets = Chance(4) ? 2 : 1,
        };
    }

    private List<PhysicalRange> RandomRanges(int atMost)
    {
        List<PhysicalRange> ranges = [];
        for (int i = _random.Next(atMost + 1); i > 0; i--)
        {
            ranges.Add(RandomRange());
        }

        return ranges;
    }

    private PhysicalRange RandomRange()
    {
        ulong first = RandomPage() & ~0xFFFUL;
        ulong pages = Chance(3) ? (ulong)_random.Next(1, 1200) : (ulong)_random.Next(1, 4);
        return new PhysicalRange(At(first), pages * 0x1000);
    }
}
