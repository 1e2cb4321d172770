using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>The RMPOPT state of one core: for each 1 GiB region from RMPOPT_BASE on, up to 2 TiB, whether the core skips RMP checks
/// there.</summary>
/// <remarks>For use with one table. The threads of a core share it, the bits as well as the register: any threads may use it.</remarks>
public sealed class RmpOptCore
{
    /// <summary>Regions of 1 GiB that a core keeps track of: 2 TiB.</summary>
    public const int Regions = 2048;

    private Window _window;

    /// <summary>Makes a core whose RMPOPT_BASE is zero: RMPOPT is #UD on it until <see cref="WriteBase"/>.</summary>
    public RmpOptCore()
        : this(0)
    {
    }

    /// <summary>Makes the state of a core, with nothing optimized.</summary>
    /// <param name="register">RMPOPT_BASE, any value.</param>
    public RmpOptCore(ulong register) => _window = new Window(new RmpOptBase(register));

    /// <summary>Makes the state of a core that is enabled, with nothing optimized.</summary>
    /// <param name="start">The first byte of the 2 TiB; rounded down to 1 GiB.</param>
    /// <returns>The core.</returns>
    public static RmpOptCore EnabledAt(PhysicalAddress start) =>
        new(new RmpOptBase { Enabled = true, Base = start.AlignDown(PageSize.Size1G) }.Value);

    /// <summary>RMPOPT_BASE, MSR C001_0139, as it was programmed.</summary>
    public ulong Register => Current.Register.Value;

    /// <summary>Bit 0 of RMPOPT_BASE: the core keeps a bit for each GiB from <see cref="Start"/> on; if not, RMPOPT is #UD.</summary>
    public bool IsEnabled => Current.Register.Enabled;

    /// <summary>The first byte of the 2 TiB, bits [51:30] of RMPOPT_BASE.</summary>
    public PhysicalAddress Start => Current.Register.Base;

    /// <summary>Register and bits that belong together.</summary>
    internal Window Current => Volatile.Read(ref _window);

    /// <summary>WRMSR to RMPOPT_BASE on a thread of the core.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="value">The value.</param>
    /// <param name="model">The processor generation.</param>
    /// <param name="choices">Whether the register may be written at any time: <see cref="ModelChoices.RmpOptBaseIsFree"/>.</param>
    /// <returns>None; or #GP(0) without effect: CPL is not 0, there is no such register, reserved bits are set, SNP_EN is 0, or the enable
    /// bit would be cleared.</returns>
    /// <remarks>Another base, or enabling, begins with nothing optimized; writing what is there already changes nothing.
    /// Allocates.</remarks>
    public RmpFault WriteBase(in ExecutionState processor, ulong value, ProcessorModel model, ModelChoices choices)
    {
        System.ArgumentNullException.ThrowIfNull(model);
        System.ArgumentNullException.ThrowIfNull(choices);
        RmpOptBase wanted = new(value);
        Window current = Current;
        bool isTooSoon = !processor.SnpEnabled && !choices.RmpOptBaseIsFree;
        bool clearsEnable = current.Register.Enabled && !wanted.Enabled && !choices.RmpOptBaseIsFree;
        if (!model.HasRmpOpt || processor.Cpl != 0 || processor.Asid != 0 || wanted.HasReservedBits || isTooSoon || clearsEnable)
        {
            return RmpFault.GeneralProtection;
        }

        if (wanted != current.Register) Volatile.Write(ref _window, new Window(wanted));
        return RmpFault.None;
    }

    /// <summary>A value of RMPOPT_BASE and the bits that were found under it: a new value brings new bits, so that no slot of one base is
    /// used for another.</summary>
    internal sealed class Window(RmpOptBase register)
    {
        private const ulong NoAddress = ulong.MaxValue >> 1; // so far from all addresses that none is within 2 TiB

        // A region is optimized while the stamp here equals that of the table's record: one write there clears the region on all cores.
        private readonly ulong[] _stamps = new ulong[Regions];
        private readonly ulong _first = register.Enabled ? register.Base.Value : NoAddress;

        internal RmpOptBase Register { get; } = register;

        /// <summary>The slot of the region that holds an address.</summary>
        /// <returns>False if the core keeps none for it.</returns>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal bool TryGetSlot(PhysicalAddress address, out uint slot)
        {
            ulong regions = (address.Value - _first) >> PageSize.Size1G.Shift(); // below the first it wraps, and is more than there are
            slot = (uint)regions;
            return regions < Regions;
        }

        internal ulong Stamp(uint slot) => Volatile.Read(ref _stamps[slot]);

        internal void SetStamp(uint slot, ulong stamp) => Volatile.Write(ref _stamps[slot], stamp);
    }
}
