using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace FastRmp.Qemu;

/// <summary>What QEMU calls. Nothing is thrown into it: what cannot go on ends the process with a message.</summary>
internal static unsafe class Plugin
{
    private const int Unusable = 3;
    private const int KindShift = 12;
    private const ulong KindMask = 0xFF;
    private const int SizeShift = 20;
    private const int LengthShift = 28;
    private const int WriteShift = 36;
    private const int FollowedShift = 37;
    private const int LastShift = 38;
    private const ulong ByteMask = 0xFF;
    private const int LongestInstruction = 16;
    private const uint QuadwordShift = 3;
    private const int GlobalFlush = 4; // a load of CR4 that changes PGE flushes the global translations too
    private static readonly Lock Gate = new();
    private static PluginOptions _options = null!;
    private static EventLog _events = null!;
    private static SnpMachine? _machine;
    private static PciFunction? _secureProcessor;
    private static Mailbox? _mailbox;
    private static QemuProcessor?[] _processors = [];
    private static nint _onInstruction;
    private static StoreOperands _operands = null!;
    private static QemuApi.ScoreEntry _armed;
    private static QemuApi.ScoreEntry _guarded;
    private static QemuApi.ScoreEntry _doubtful;
    private static QemuApi.ScoreEntry _uncorrected;
    private static QemuApi.ScoreEntry _guest;
    private static volatile bool _isRamKnown;
    private static ulong _undefinedEntry;
    [ThreadStatic] private static BlockStores? _blockStores;

    /// <summary>fastrmp_qemu_install.</summary>
    [UnmanagedCallersOnly(EntryPoint = "fastrmp_qemu_install")]
    internal static int Install(ulong id, int count, byte** arguments, nint onInstruction)
    {
        try
        {
            List<string> words = [];
            for (int i = 0; i < count; i++) words.Add(Marshal.PtrToStringUTF8((nint)arguments[i]) ?? "");
            if (!PluginOptions.TryParse(words, out PluginOptions? options, out string? problem))
            {
                Say(problem);
                return 1;
            }

            if (!Injector.TryCreate(options.Inject, out _, out problem))
            {
                Say(problem);
                return 1;
            }

            _options = options;
            _onInstruction = onInstruction;
            _events = new EventLog(options.Trace is null ? null : File.CreateText(options.Trace), TimeProvider.System);
            nint scores = QemuApi.NewScores(5 * sizeof(ulong));
            _armed = new QemuApi.ScoreEntry { Scores = scores };
            _guarded = new QemuApi.ScoreEntry { Scores = scores, Offset = sizeof(ulong) };
            _doubtful = new QemuApi.ScoreEntry { Scores = scores, Offset = 2 * sizeof(ulong) };
            _uncorrected = new QemuApi.ScoreEntry { Scores = scores, Offset = 3 * sizeof(ulong) };
            _guest = new QemuApi.ScoreEntry { Scores = scores, Offset = 4 * sizeof(ulong) };
            if (options.PreventsStores) _operands = new StoreOperands();

            QemuApi.OnProcessor(id, &Start, 0);
            QemuApi.OnTranslation(id, &Translate, 0);
            QemuApi.OnExit(id, &End, 0);
            QemuApi.OnDiscontinuity(
                id, QemuApi.Interrupts | QemuApi.Exceptions, (nint)(delegate* unmanaged<uint, int, ulong, ulong, nint, void>)&Interrupt,
                0);
            if (options.SecureProcessorSlot is { } slot) _secureProcessor = new PciFunction(slot);
            return 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EntryPointNotFoundException
            or TypeInitializationException)
        {
            Say((failure.InnerException ?? failure).Message);
            return 1;
        }
    }

    /// <summary>fastrmp_qemu_step: the instruction before it is executed.</summary>
    /// <returns>Where the processor goes on, or 0.</returns>
    [UnmanagedCallersOnly(EntryPoint = "fastrmp_qemu_step")]
    internal static ulong Step(uint index, ulong what)
    {
        try
        {
            QemuProcessor processor = _processors[index]!;
            if (processor.Core.Host is not null) return InstructionStep.Emulator;
            ulong rip = processor.AddressOf(what & PageSize.Size4K.OffsetMask());
            WatchedInstruction kind = (WatchedInstruction)((what >> KindShift) & KindMask);
            // A processor waits, or the driver may be about to look at the device, which has just been enabled.
            bool isForFirmware = kind == WatchedInstruction.Wait
                || (kind == WatchedInstruction.Port && _mailbox is not null && PortStep.IsConfiguration(processor));
            if (isForFirmware) _mailbox!.Poll(processor.Index, processor);
            if (kind == WatchedInstruction.PageFaultEntry) QemuApi.SetScore(_guarded, index, 0);
            bool isFollowed = (what >> FollowedShift & 1) != 0;
            bool isLast = (what >> LastShift & 1) != 0;
            if (!isFollowed && !isLast) return Take(processor, processor, kind, what, rip);
            HeldAnswer held = processor.Held;
            if (held.IsHeld) Lose(processor);
            held.Next = rip + Length(what);
            ulong next = Take(processor, held, kind, what, rip);
            if (kind == WatchedInstruction.Cpuid && _machine!.WasAsked && !_isRamKnown) TestRam(processor);
            if (next == held.Next) // answered, and the emulator executes it, too
            {
                if (isLast) QemuApi.SetScore(_uncorrected, index, 1);
                return InstructionStep.Emulator;
            }

            if (next != InstructionStep.Emulator) held.Release();
            held.Drop();
            return next;
        }
        catch (Exception failure) when (Ends(failure))
        {
            return 0;
        }
    }

    /// <summary>Acts.</summary>
    /// <param name="processor">The processor.</param>
    /// <param name="registers">Its registers.</param>
    /// <param name="kind">The instruction.</param>
    /// <param name="what">What was packed with it.</param>
    /// <param name="rip">Its address.</param>
    private static ulong Take(QemuProcessor processor, IGuestProcessor registers, WatchedInstruction kind, ulong what, ulong rip) =>
        kind == WatchedInstruction.Port
            ? Port(registers, UnpackedPort(what), rip)
            : InstructionStep.Take(_machine!, processor.Core, registers, kind, rip, rip + Length(what));

    private static ulong Length(ulong what) => (what >> LengthShift) & ByteMask;

    /// <summary>The file has to be the memory that the kernel runs in: else the machine would be one without an RMP, and say so of
    /// nothing.</summary>
    private static void TestRam(QemuProcessor processor)
    {
        GuestRam ram = _machine!.Ram;
        if (!processor.Sees(ram))
        {
            Stop($"ram={ram.Path} is not the RAM that the kernel runs in: it has to be all of a q35's, by mem-path and share=on");
        }

        _isRamKnown = true;
    }

    private static void Lose(QemuProcessor processor)
    {
        _machine!.Notes.Add("what a CPUID, RDMSR or IN answered was not corrected: the processor may go on with a wrong value");
        Drop(processor);
    }

    private static void Drop(QemuProcessor processor)
    {
        QemuApi.SetScore(_uncorrected, (uint)processor.Index, 0);
        processor.Held.Drop();
    }

    private static ulong Port(IGuestProcessor processor, PortAccess access, ulong rip)
    {
        bool isConsole = access is { IsWrite: true, Bytes: 1 }
            && (processor.Read(GuestRegister.Rdx) & PortStep.PortMask) == ConsoleCounters.Port;
        if (isConsole) _machine!.Counters.Take(processor, (byte)processor.Read(GuestRegister.Rax));
        return isConsole || _secureProcessor is null ? 0 : PortStep.Take(_secureProcessor, processor, access, rip);
    }

    /// <summary>The instruction before this one was executed by the emulator, too: its registers become what the plugin says.</summary>
    [UnmanagedCallersOnly]
    private static void Correct(uint index, nint unused)
    {
        try
        {
            _processors[index]!.Held.Release();
        }
        catch (Exception failure) when (Ends(failure))
        {
        }
    }

    /// <summary>The same in the first instruction of a block: the instruction before it ended another one.</summary>
    [UnmanagedCallersOnly]
    private static void CorrectLast(uint index, nint unused)
    {
        try
        {
            QemuProcessor processor = _processors[index]!;
            if (processor.Read(GuestRegister.Rip) == processor.Held.Next) Release(processor); // else it is that of a management mode
        }
        catch (Exception failure) when (Ends(failure))
        {
        }
    }

    private static void Release(QemuProcessor processor)
    {
        QemuApi.SetScore(_uncorrected, (uint)processor.Index, 0);
        processor.Held.Release();
    }

    [UnmanagedCallersOnly]
    private static void Start(uint index, nint unused)
    {
        try
        {
            // Each processor announces itself, on its own thread; another one may run already.
            lock (Gate)
            {
                if (_machine is null && !SnpMachine.TryCreate(_options, _events, out _machine, out string? problem)) Stop(problem);
                if (_secureProcessor is not null) _mailbox ??= new Mailbox(_machine!, _secureProcessor);
                GuestCore core = _machine!.AddCore((int)index);
                if (!QemuProcessor.TryCreate(core, out QemuProcessor? processor, out problem)) Stop(problem);
                if (_options.PreventsStores && index >= StoreGuard.MostProcessors)
                {
                    Stop($"check=fault: there is memory for the tables of {StoreGuard.MostProcessors} processors");
                }

                QemuProcessor?[] processors = new QemuProcessor?[int.Max(_processors.Length, (int)index + 1)];
                _processors.CopyTo(processors, 0);
                processors[index] = processor;
                Volatile.Write(ref _processors, processors);
                if (!_options.PreventsStores) return;
                _machine.Assigning = Arm;
                if (_machine.MayHaveAssigned) QemuApi.SetScore(_armed, index, 1);
            }
        }
        catch (Exception failure) when (Ends(failure))
        {
        }
    }

    [UnmanagedCallersOnly]
    private static void Translate(nint block, nint unused)
    {
        byte* bytes = stackalloc byte[LongestInstruction];
        nuint count = QemuApi.InstructionsOf(block);
        BlockStores? stores = _options.PreventsStores ? StoresOf(block, count) : null;
        for (nuint i = 0; i < count; i++)
        {
            nint instruction = QemuApi.Instruction(block, i);
            nuint length = QemuApi.BytesOf(instruction, bytes, LongestInstruction);
            WatchedInstruction what = InstructionDecoder.Decode(new ReadOnlySpan<byte>(bytes, (int)length));
            if (i == 0) WatchBlock(instruction);
            if (_options.ChecksStores) WatchStores(instruction, stores, (int)i);
            if (what is WatchedInstruction.None or WatchedInstruction.RmpUpdate or WatchedInstruction.PSmash or WatchedInstruction.RmpRead
                or WatchedInstruction.RmpOpt)
            {
                continue; // those of SNP are executed in the handler of #UD
            }

            if (what == WatchedInstruction.Return)
            {
                if (IsKernels()) _machine!.Returns.Add(QemuApi.AddressOf(instruction));
                continue;
            }

            if (what == WatchedInstruction.RunGuest)
            {
                QemuApi.OnExecution(
                    instruction, (nint)(delegate* unmanaged<uint, nint, void>)&RunGuest, QemuApi.WritesRegisters,
                    (nint)(QemuApi.AddressOf(instruction) & PageSize.Size4K.OffsetMask()));
                continue;
            }

            if (what == WatchedInstruction.LoadControl)
            {
                FollowControl(instruction, new ReadOnlySpan<byte>(bytes, (int)length));
                continue;
            }

            if (what == WatchedInstruction.FlushPage)
            {
                if (_options.PreventsStores)
                {
                    QemuApi.OnExecution(
                        instruction, (nint)(delegate* unmanaged<uint, nint, void>)&FlushPage, QemuApi.NoRegisters, 0);
                }

                continue;
            }

            if (what == WatchedInstruction.FlushTranslations)
            {
                QemuApi.OnExecution(
                    instruction, (nint)(delegate* unmanaged<uint, nint, void>)&Flush, QemuApi.NoRegisters, 0);
                continue;
            }

            if (what == WatchedInstruction.LoadIdt)
            {
                QemuApi.OnMemory(instruction, &LoadIdt, QemuApi.ReadsRegisters, QemuApi.Loads, 0);
                continue;
            }

            bool isForFirmware = what is WatchedInstruction.Wait or WatchedInstruction.FlushCaches;
            if (isForFirmware && _secureProcessor is null) continue;
            ulong offset = QemuApi.AddressOf(instruction) & PageSize.Size4K.OffsetMask();
            ulong port = PackedPort(new ReadOnlySpan<byte>(bytes, (int)length)) | ((ulong)length << LengthShift);
            ulong followed = Follow(block, i + 1, count, what, (port >> WriteShift & 1) != 0) ? 1UL << FollowedShift : 0;
            if (followed == 0 && Reads(what)) followed = 1UL << LastShift;
            QemuApi.OnExecution(
                instruction, _onInstruction, QemuApi.WritesProgramCounter,
                (nint)(followed | port | ((ulong)what << KindShift) | offset));
        }
    }

    /// <summary>Whether the emulator may execute an instruction that the plugin answers: if it changes nothing there, because a register or
    /// a place in configuration space is none of the emulator's, or if what it leaves is corrected before the next instruction.</summary>
    private static bool Follow(nint block, nuint next, nuint count, WatchedInstruction what, bool isWrite)
    {
        if (what == WatchedInstruction.WriteMsr || (what == WatchedInstruction.Port && isWrite)) return true;
        if (!Reads(what) || next >= count) return false; // IN, or at the end of a page
        QemuApi.OnExecution(
            QemuApi.Instruction(block, next), (nint)(delegate* unmanaged<uint, nint, void>)&Correct, QemuApi.WritesRegisters, 0);
        return true;
    }

    private static bool Reads(WatchedInstruction what) =>
        what is WatchedInstruction.Cpuid or WatchedInstruction.ReadMsr or WatchedInstruction.Port;

    /// <summary>Before the first instruction of a block the last one of another is corrected, if that may be one that is answered; and it
    /// may be that of a handler.</summary>
    private static void WatchBlock(nint instruction)
    {
        if (MayFollowGuest(instruction))
        {
            QemuApi.OnExecutionIf(
                instruction, (nint)(delegate* unmanaged<uint, nint, void>)&EndGuest, QemuApi.WritesRegisters, QemuApi.IfNotEqual,
                _guest, 0, 0);
        }

        if (MayFollowAnswer(instruction))
        {
            QemuApi.OnExecutionIf(
                instruction, (nint)(delegate* unmanaged<uint, nint, void>)&CorrectLast, QemuApi.WritesRegisters, QemuApi.IfNotEqual,
                _uncorrected, 0, 0);
        }

        ulong address = QemuApi.AddressOf(instruction);
        InterruptTables tables = _machine!.Interrupts;
        bool isUndefined = tables.Leading(_machine.Ram, ExceptionVector.InvalidOpcode, address) is not null;
        if (isUndefined)
        {
            Volatile.Write(ref _undefinedEntry, address);
            QemuApi.OnExecution(
                instruction, _onInstruction, QemuApi.WritesProgramCounter, Packed(WatchedInstruction.UndefinedEntry, address));
        }
        else if (_options.PreventsStores && tables.Leading(_machine.Ram, ExceptionVector.PageFault, address) is not null)
        {
            QemuApi.OnExecutionIf(
                instruction, _onInstruction, QemuApi.WritesProgramCounter, QemuApi.IfNotEqual, _guarded, 0,
                Packed(WatchedInstruction.PageFaultEntry, address));
        }
    }

    /// <summary>Whether the bytes before an instruction may be a CPUID, RDMSR or IN: compared in every block, the number costs a tenth
    /// of a boot. At the start of a page another one is before it, and code of a device has no bytes to look at.</summary>
    private static bool MayFollowAnswer(nint instruction) =>
        !TryBefore(instruction, InstructionDecoder.SystemBytes, out ReadOnlySpan<byte> bytes) || InstructionDecoder.MayReadAtEnd(bytes);

    private static bool MayFollowGuest(nint instruction) =>
        !TryBefore(instruction, HostReturn.VmRunBytes, out ReadOnlySpan<byte> bytes) || InstructionDecoder.MayRunGuestAtEnd(bytes);

    private static bool TryBefore(nint instruction, int count, out ReadOnlySpan<byte> bytes)
    {
        byte* place = QemuApi.PlaceOf(instruction);
        ulong offset = QemuApi.AddressOf(instruction) & PageSize.Size4K.OffsetMask();
        bool isThere = place != null && offset >= (ulong)count;
        bytes = isThere ? new ReadOnlySpan<byte>(place - count, count) : default;
        return isThere;
    }

    /// <summary>Whether the processor that translates runs the kernel.</summary>
    private static bool IsKernels()
    {
        const ulong Level = 3;
        return Array.Find(_processors, static one => one is not null) is { } any && (any.ReadCurrent(GuestRegister.Cs) & Level) == 0;
    }

    /// <summary>VMRUN is about to be executed, or refused.</summary>
    [UnmanagedCallersOnly]
    private static void RunGuest(uint index, nint offset)
    {
        try
        {
            QemuProcessor processor = _processors[index]!;
            if (processor.Core.Host is not null) return; // in a guest it is intercepted
            StoreGuard.Lift(processor.Core, processor);
            processor.Core.Host = HostReturn.Of(processor, processor.AddressOf((ulong)offset));
            QemuApi.SetScore(_guest, index, 1);
        }
        catch (Exception failure) when (Ends(failure))
        {
        }
    }

    /// <summary>The first instruction of a block behind a VMRUN: #VMEXIT leads there.</summary>
    [UnmanagedCallersOnly]
    private static void EndGuest(uint index, nint unused)
    {
        try
        {
            QemuProcessor processor = _processors[index]!;
            if (processor.Core.Host is { } host && host.Is(processor, processor.Read(GuestRegister.Rip))) EndGuest(processor);
        }
        catch (Exception failure) when (Ends(failure))
        {
        }
    }

    private static void EndGuest(QemuProcessor processor)
    {
        processor.Core.Host = null;
        processor.Core.State = GuestState.Of(processor);
        QemuApi.SetScore(_guest, (uint)processor.Index, 0);
    }

    private static nint Packed(WatchedInstruction what, ulong address) =>
        (nint)(((ulong)what << KindShift) | (address & PageSize.Size4K.OffsetMask()));

    /// <summary>Before an instruction that stores, if that has to be prevented where it may not; after it, if it has to be reported, or
    /// if it was not foreseen.</summary>
    private static void WatchStores(nint instruction, BlockStores? stores, int index)
    {
        if (stores is not null && stores.At(index, out StoreOperand operand) == StoreDecoding.Known)
        {
            bool looks = operand.IsFirst || operand.Repeats || operand.Reach != 0;
            QemuApi.OnExecutionIf(
                instruction, (nint)(delegate* unmanaged<uint, nint, void>)&BeforeStore, QemuApi.WritesRegisters,
                QemuApi.IfNotEqual, looks ? _armed : _doubtful, 0, _operands.Of(operand));
            return;
        }

        QemuApi.OnMemory(instruction, &Store, QemuApi.NoRegisters, QemuApi.Stores, (nint)QemuApi.AddressOf(instruction));
    }

    /// <summary>The stores of a block, before it is known which of them are looked at by themselves.</summary>
    private static BlockStores StoresOf(nint block, nuint count)
    {
        BlockStores stores = _blockStores ??= new BlockStores();
        byte* bytes = stackalloc byte[LongestInstruction];
        stores.Begin();
        for (nuint i = 0; i < count; i++)
        {
            nint instruction = QemuApi.Instruction(block, i);
            nuint length = QemuApi.BytesOf(instruction, bytes, LongestInstruction);
            stores.Add(
                new ReadOnlySpan<byte>(bytes, (int)length), (ushort)(QemuApi.AddressOf(instruction) & PageSize.Size4K.OffsetMask()));
        }

        return stores;
    }

    /// <summary>An instruction that stores is about to be executed, and pages may be assigned.</summary>
    [UnmanagedCallersOnly]
    private static void BeforeStore(uint index, nint operand)
    {
        try
        {
            QemuProcessor processor = _processors[index]!;
            GuestCore core = processor.Core;
            if (core.Host is not null) return;
            bool was = core.Guarded is not null;
            bool wasDoubtful = core.HasDoubt;
            bool isNow = StoreGuard.Foresee(
                _machine!, core, processor, processor, _secureProcessor!.Bar, StoreOperands.At(operand));
            if (was != isNow) QemuApi.SetScore(_guarded, index, isNow ? 1UL : 0);
            if (wasDoubtful != core.HasDoubt) QemuApi.SetScore(_doubtful, index, wasDoubtful ? 0 : 1UL);
        }
        catch (Exception failure) when (Ends(failure))
        {
        }
    }

    /// <summary>From now on every store is looked at.</summary>
    private static void Arm()
    {
        lock (Gate)
        {
            for (uint i = 0; i < (uint)_processors.Length; i++)
            {
                if (_processors[i] is not null) QemuApi.SetScore(_armed, i, 1);
            }
        }
    }

    /// <summary>The operands of IN and OUT, above the kind of instruction.</summary>
    private static ulong PackedPort(ReadOnlySpan<byte> bytes) => PortAccess.TryDecode(bytes, out PortAccess access)
        ? (access.IsWrite ? 1UL << WriteShift : 0) | ((ulong)access.Bytes << SizeShift)
        : 0;

    private static PortAccess UnpackedPort(ulong what) => new(
        ((what >> WriteShift) & 1) != 0, (int)((what >> SizeShift) & ByteMask), (int)((what >> LengthShift) & ByteMask));

    /// <summary>An interrupt or exception is about to be handled. A processor that never waits comes by here, and one that has not come
    /// to the instruction behind an answered one, whose registers the handler is going to keep.</summary>
    [UnmanagedCallersOnly]
    private static void Interrupt(uint index, int type, ulong from, ulong to, nint unused)
    {
        try
        {
            if (index >= (uint)_processors.Length || _processors[index] is not { } processor) return;
            if (processor.Held.IsHeld)
            {
                if (from == processor.Held.Next) Release(processor);
                else Lose(processor);
            }

            if (processor.Core.Host is { } host && from == host.Rip - HostReturn.VmRunBytes) EndGuest(processor); // VMRUN was refused
            if (type != QemuApi.Interrupts || to == Volatile.Read(ref _undefinedEntry)) return; // an RMPUPDATE, say
            _mailbox?.Poll(processor.Index, processor);
        }
        catch (Exception failure) when (Ends(failure))
        {
        }
    }

    private static void FollowControl(nint instruction, ReadOnlySpan<byte> bytes)
    {
        if (!ControlLoad.TryDecode(bytes, out ControlLoad load)) return;
        nint what = (load.Control << KindShift) | (int)load.Source;
        QemuApi.OnExecution(instruction, (nint)(delegate* unmanaged<uint, nint, void>)&LoadControl, QemuApi.WritesRegisters, what);
    }

    [UnmanagedCallersOnly]
    private static void LoadControl(uint index, nint what)
    {
        try
        {
            QemuProcessor processor = _processors[index]!;
            if (processor.Core.Host is not null) return;
            ControlLoad load = new((byte)(what >> KindShift), (GuestRegister)(what & ((1 << KindShift) - 1)));
            ControlState.Follow(processor.Core, processor, load);
            if (load.Control == GlobalFlush) _machine!.DirectMap.Look(processor.Index, processor.Core.State);
        }
        catch (Exception failure) when (Ends(failure))
        {
        }
    }

    [UnmanagedCallersOnly]
    private static void Flush(uint index, nint unused)
    {
        try
        {
            GuestCore core = _processors[index]!.Core;
            if (core.Host is not null) return;
            core.Translations.Flush();
            _machine!.DirectMap.Look((int)index, core.State);
        }
        catch (Exception failure) when (Ends(failure))
        {
        }
    }

    [UnmanagedCallersOnly]
    private static void FlushPage(uint index, nint unused) => _processors[index]!.Core.Translations.Flush();

    /// <summary>A store, after the emulator made it.</summary>
    [UnmanagedCallersOnly]
    private static void Store(uint index, uint access, ulong address, nint rip)
    {
        ReverseMapTable<RmpGeometry>? table = _machine!.Table;
        if (table is null) return;
        nint place = QemuApi.PhysicalOf(access, address);
        if (place == 0 || QemuApi.IsDevice(place) != 0) return;
        ulong physical = QemuApi.PhysicalAddressOf(place);
        if (!StoreCheck.IsFree(table, physical)) Judge(index, address, physical, (ulong)rip);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Judge(uint index, ulong address, ulong physical, ulong rip)
    {
        try
        {
            GuestCore core = _processors[index]!.Core;
            if (core.Host is not null)
            {
                _machine!.Notes.Add("stores of a guest between VMRUN and #VMEXIT, to regions with assigned pages, are not judged");
                return;
            }

            bool isForbidden = core.IsSnpOn && StoreCheck.Judge(_machine!, core, address, physical, rip);
            if (isForbidden && _options.PreventsStores)
            {
                _machine!.Notes.Add($"the store at 0x{rip:x} could not be prevented: it was not foreseen");
            }
        }
        catch (Exception failure) when (Ends(failure))
        {
        }
    }

    /// <summary>LIDT reads its operand: 16 bits of limit, and the base.</summary>
    [UnmanagedCallersOnly]
    private static void LoadIdt(uint index, uint access, ulong address, nint unused)
    {
        try
        {
            if (QemuApi.SizeShift(access) != QuadwordShift) return;
            QemuProcessor processor = _processors[index]!;
            if (processor.Core.Host is not null) return;
            GuestState state = GuestState.Of(processor);
            ulong value = 0;
            bool isRead = VirtualMemory.TryRead(_machine!.Ram, state, address, MemoryMarshal.AsBytes(new Span<ulong>(ref value)));
            if (!isRead || !InterruptTable.TryFind(_machine.Ram, state, value, out InterruptTable? table)) return;
            processor.Core.Interrupts = table;
            _machine.Interrupts.Add(table);
        }
        catch (Exception failure) when (Ends(failure))
        {
        }
    }

    [UnmanagedCallersOnly]
    private static void End(nint unused)
    {
        try
        {
            if (_machine is null) return;
            string report = MachineReport.Of(_machine);
            if (_options.Report is not { } file || !TryWrite(file, report)) StandardError.Write(report);
        }
        catch (Exception failure) when (Ends(failure))
        {
        }
    }

    private static bool TryWrite(string file, string report)
    {
        try
        {
            File.WriteAllText(file, report);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Say($"report={file}: {failure.Message}");
            return false;
        }
    }

    /// <summary>A filter: nothing may be thrown into QEMU.</summary>
    private static bool Ends(Exception failure)
    {
        Stop(failure.ToString());
        return true;
    }

    private static void Stop(string problem)
    {
        Say(problem);
        QemuApi.Leave(Unusable);
    }

    private static void Say(string text) => StandardError.Write($"fastrmp: {text}\n");
}
