using System;
using System.Collections.Generic;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>
/// Draws operations that mean something in the state as it is, most of the time: few pages, and operands that fit what is there but for one
/// mistake now and then.
/// </summary>
internal sealed partial class OperationSource
{
    private const ulong Assigned = 0x1;
    private const ulong Large = 0x2;
    private const ulong Immutable = 0x4;
    private const ulong RegionMask = ModelPair.RegionBytes - 1;

    // The base, both neighbours of it, the middle and the end of a region: few pages, so that operations touch the same ones.
    private static readonly ulong[] HotPages = [0, 0, 1, 1, 2, 3, 255, 511];

    private static readonly (int Weight, Func<OperationSource, Operation> Draw)[] Kinds =
    [
        (150, static source => source.Assign(large: false)),
        (90, static source => source.Release(large: false)),
        (45, static source => source.Assign(large: true)),
        (15, static source => source.Release(large: true)),
        (60, static source => source.Keep()),
        (60, static source => source.Smash()),
        (140, static source => source.Validate()),
        (90, static source => source.Adjust()),
        (60, static source => source.Query()),
        (30, static source => source.Read()),
        (6, static source => source.Opt(verify: true)),
        (6, static source => source.Opt(verify: false)),
        (70, static source => source.Host()),
        (150, static source => source.Guest()),
        (20, static source => source.OtherAccess()),
        (20, static source => source.VmRun()),
        (30, static source => source.InUse()),
        (20, static source => new Operation(OperationKind.State, source.Page())),
        (180, static source => source.FirmwareCommand()),
        (10, static source => source.Poke()),
        (3, static source => new Operation(OperationKind.Damage, source.Page())),
        (3, static source => new Operation(OperationKind.HoldAll, source.Page())),
        (12, static source => source.Renew()),
        (3, static source => source.Unsmash()),
        (2, static source => source.SetState()),
    ];

    private static readonly int TotalWeight = Sum();

    private readonly Random _random;
    private readonly IModels _models;
    private readonly IReadOnlyList<ulong> _regions;
    private readonly Queue<Operation> _due = new();
    private readonly uint _maxAsid;
    private readonly ulong _gpaBits;

    public OperationSource(int seed, MachinePlan plan, IModels models)
    {
        _random = new Random(seed);
        _models = models;
        _regions = plan.Regions;
        _maxAsid = plan.Processor.MaxAsid;
        if (plan.IsEnabled && OneIn(2)) _due.Enqueue(SnpInit());

        // "Unmasked" leaves open what becomes of the bits above the field: stay inside it where that choice is on.
        _gpaBits = models.Choices.CompareUnmaskedGpa ? 0x0007_FFFF_FFFF_FFFF : ulong.MaxValue;
    }

    public Operation Next()
    {
        if (_due.TryDequeue(out Operation due)) return due;
        int drawn = _random.Next(TotalWeight);
        foreach ((int weight, Func<OperationSource, Operation> draw) in Kinds)
        {
            drawn -= weight;
            if (drawn < 0) return draw(this);
        }

        throw new InvalidOperationException();
    }

    private static int Sum()
    {
        int sum = 0;
        foreach ((int weight, _) in Kinds)
        {
            sum += weight;
        }

        return sum;
    }

    private bool OneIn(int number) => _random.Next(number) == 0;

    /// <summary>A page of few; now and then one without an entry.</summary>
    private ulong Page()
    {
        int region = OneIn(40) ? 3 : OneIn(6) ? _random.Next(_regions.Count) : _random.Next(3);
        ulong page = OneIn(20) ? (ulong)_random.Next(512) : HotPages[_random.Next(HotPages.Length)];
        return _regions[region] + (page * ModelPair.PageBytes);
    }

    /// <summary>A page whose entry has a property, if a few draws find one.</summary>
    private ulong Page(Func<RmpEntry, bool> isWanted)
    {
        ulong page = Page();
        for (int i = 0; i < 6 && !isWanted(Attributes(page, out _)); i++)
        {
            page = Page();
        }

        return page;
    }

    /// <summary>The entry that holds a page's attributes.</summary>
    private RmpEntry Attributes(ulong page, out bool isLarge)
    {
        RmpEntry first = _models.Entry(page & ~RegionMask);
        isLarge = (first.Low & Large) != 0;
        return isLarge ? first : _models.Entry(page);
    }

    private ulong Gpa(bool large)
    {
        ulong gpa = (ulong)_random.Next(1, 3) << (large ? 21 : 12);
        if (OneIn(10)) gpa += (ulong)_random.Next(0x1000); // low bits are not stored
        if (OneIn(12))
        {
            gpa = (large ? 0xFFFF_FFFF_FFE0_0000 : 0xFFFF_FFFF_FFFF_F000) & _gpaBits & (OneIn(2) ? ulong.MaxValue : 0x0001_FFFF_FFFF_FFFF);
        }

        return gpa;
    }

    private uint Asid() => _random.Next(24) switch
    {
        0 => 0,
        1 => _maxAsid,
        2 => _maxAsid + 1,
        3 => 0x3FF,
        4 => uint.MaxValue,
        _ => (uint)_random.Next(1, 4),
    };

    private byte Mask() => OneIn(20) ? (byte)_random.Next(256) : (byte)_random.Next(32);

    /// <summary>The state of the host's processor, now and then one that may not.</summary>
    private ExecutionState HostState() => _random.Next(300) switch
    {
        0 => ExecutionState.Host with { Is64BitMode = false },
        1 => ExecutionState.Host with { SnpEnabled = false },
        2 => ExecutionState.Host with { Cpl = (byte)_random.Next(4) },
        3 => ExecutionState.Host with { Asid = (uint)_random.Next(3) },
        _ => ExecutionState.Host,
    };

    private Operation Assign(bool large)
    {
        ulong page = Target(large);
        bool immutable = OneIn(4);

        // Pages for firmware's own use come often enough to be made contexts and metadata of.
        if (!large && immutable && OneIn(2)) return Update(page, Operands.Make(0, true, false, true, 0));
        return Update(page, Operands.Make(Gpa(large), assigned: true, large, immutable, Asid(), Reserved()));
    }

    private Operation Release(bool large)
    {
        ulong page = Target(large);
        return OneIn(20)
            ? Update(page, Operands.Make(0, false, large, OneIn(2), (uint)_random.Next(2), Reserved())) // unassigned with an owner
            : Update(page, Operands.Make(OneIn(4) ? Gpa(large) : 0, false, large, false, 0, Reserved()));
    }

    /// <summary>The same owner, address and size again: only Immutable may change, and the guest's work stays.</summary>
    private Operation Keep()
    {
        ulong page = Page(static entry => (entry.Low & Assigned) != 0);
        RmpEntry entry = Attributes(page, out bool isLarge);
        return Update(isLarge ? page & ~RegionMask : page, Operands.Make(entry.Gpa.Value, true, isLarge, OneIn(2), entry.Asid));
    }

    /// <summary>A guest goes, and often another one comes with 2 MiB, validates it, and is smashed; or firmware gets a page.</summary>
    private Operation Renew()
    {
        ulong first = Page() & ~RegionMask;
        ulong gpa = Gpa(large: true) & 0xF_FFFF_FFFF_F000;
        Operation update = Update(first, Operands.Assign(gpa, (uint)_random.Next(1, 4), PageSize.Size2M, immutable: OneIn(5))) with
        {
            State = ExecutionState.Host,
        };
        if (!OneIn(4)) _due.Enqueue(update);
        if (OneIn(2))
        {
            _due.Enqueue(
                new Operation(OperationKind.Validate, first)
                {
                    State = ExecutionState.Guest(update.UpdateOperand.Asid),
                    Gpa = gpa & ~RegionMask,
                    Size = PageSize.Size2M,
                    Mapping = PageSize.Size2M,
                    Flag = true,
                });
        }

        if (OneIn(3)) _due.Enqueue(new Operation(OperationKind.Smash, first));
        return new Operation(OperationKind.TearDown, first);
    }

    /// <summary>All that PAGE_UNSMASH asks for, and sometimes one thing that it does not like.</summary>
    private Operation Unsmash()
    {
        Operation gone = Renew();
        _due.Enqueue(new Operation(OperationKind.Smash, gone.Spa));
        if (OneIn(4)) _due.Enqueue(Adjust() with { Spa = gone.Spa });
        _due.Enqueue(new Operation(OperationKind.HoldAll, gone.Spa));
        if (OneIn(4)) _due.Enqueue(new Operation(OperationKind.PageReclaim, gone.Spa + ((ulong)_random.Next(512) * ModelPair.PageBytes)));
        _due.Enqueue(new Operation(OperationKind.PageUnsmash, gone.Spa));
        for (int i = 0; i < 4; i++)
        {
            _due.Enqueue(new Operation(OperationKind.Read, gone.Spa + ((ulong)_random.Next(512) * ModelPair.PageBytes)));
        }

        OperationKind next = _random.Next(4) switch
        {
            0 => OperationKind.PageReclaim,
            1 => OperationKind.LaunchUpdate,
            2 => OperationKind.SwapOut,
            _ => OperationKind.State,
        };
        _due.Enqueue(new Operation(next, gone.Spa) { Size = PageSize.Size2M });
        return gone;
    }

    /// <summary>A region of firmware pages becomes HV_Fixed, unless the RMP is there.</summary>
    private Operation SetState()
    {
        ulong first = Page() & ~RegionMask;
        _due.Enqueue(new Operation(OperationKind.FillFirmware, first));
        if (OneIn(4)) _due.Enqueue(new Operation(OperationKind.PageReclaim, first + ((ulong)_random.Next(512) * ModelPair.PageBytes)));
        _due.Enqueue(new Operation(OperationKind.PageSetState, first) { Low = 512 });
        return new Operation(OperationKind.TearDown, first);
    }

    private ulong Target(bool large)
    {
        ulong page = Page();
        if (large && !OneIn(12)) page &= ~RegionMask;
        if (OneIn(64)) page += (ulong)_random.Next(1, 0x1000); // misaligned
        return page;
    }

    private ulong Reserved() => OneIn(60) ? (ulong)_random.NextInt64(1L << 32) & 0xFFFE_FEFE : 0;

    private Operation Update(ulong page, RmpUpdateOperand operand) =>
        new(OperationKind.Update, page) { State = HostState(), Low = operand.Low, High = operand.High };

    private Operation Smash()
    {
        ulong page = Page(static entry => (entry.Low & (Large | Immutable)) == Large);
        if (!OneIn(8)) page &= ~RegionMask;
        return new Operation(OperationKind.Smash, page) { State = HostState() };
    }

    private Operation Read()
    {
        ulong page = Page();
        if (OneIn(20)) page += (ulong)_random.Next(0x1000);
        return new Operation(OperationKind.Read, page) { State = HostState() };
    }

    /// <summary>Mostly around the last region, where least happens: elsewhere something is assigned most of the time.</summary>
    private Operation Opt(bool verify)
    {
        ulong page = OneIn(3) ? Page() : _regions[^1];
        return new Operation(OperationKind.Opt, page + (ulong)_random.Next(0x1000))
        {
            State = HostState(),
            Flag = verify,
            Which = (byte)(OneIn(10) ? 2 : _random.Next(2)),
        };
    }
}
