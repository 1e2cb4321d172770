using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>What protection keys forbid, ready for the walker: for each kind of page and access one bit a key.</summary>
/// <remarks>AMD64 APM vol. 2, 5.6.7; PKS as on Intel processors, the same rules for supervisor pages.</remarks>
internal readonly record struct KeyRights
{
    private readonly ushort _userPageReads;
    private readonly ushort _userPageKernelWrites;
    private readonly ushort _userPageUserWrites;
    private readonly ushort _supervisorPageReads;
    private readonly ushort _supervisorPageWrites;

    internal KeyRights(Pkru? userKeys, Pkru? supervisorKeys, bool writeProtect)
    {
        // A register of zeros forbids nothing: the same as none.
        Pkru user = userKeys ?? default;
        Pkru supervisor = supervisorKeys ?? default;
        _userPageReads = user.AccessDisabled;
        _userPageUserWrites = (ushort)(user.AccessDisabled | user.WriteDisabled);
        _userPageKernelWrites = writeProtect ? _userPageUserWrites : _userPageReads;
        _supervisorPageReads = supervisor.AccessDisabled;
        _supervisorPageWrites = writeProtect ? (ushort)(supervisor.AccessDisabled | supervisor.WriteDisabled) : _supervisorPageReads;
        int forbidden = _userPageUserWrites | _supervisorPageReads | _supervisorPageWrites;
        KeyCheckMask = forbidden == 0 ? 0
            : (forbidden & 1) == 0 ? PagingEntry.ProtectionKeyMask
            : PagingEntry.ProtectionKeyMask | PagingEntry.PresentMask;
    }

    private KeyRights(ushort reads, ushort writes, ulong keyCheckMask)
    {
        _userPageReads = reads;
        _userPageKernelWrites = writes;
        _userPageUserWrites = writes;
        KeyCheckMask = keyCheckMask;
    }

    /// <summary>Bits of a leaf that say that its key has to be looked at: none if all keys allow everything; the key's own bits, as the key
    /// 0 of ordinary pages mostly does; and P, which every leaf has, if even key 0 forbids something.</summary>
    internal ulong KeyCheckMask { get; }

    /// <summary>The same where every access is a user's, also those that are walked as a supervisor's.</summary>
    internal KeyRights OfUsers() => new(_userPageReads, _userPageUserWrites, KeyCheckMask);

    /// <summary>Whether the key of a leaf forbids a data access.</summary>
    /// <param name="leaf">The leaf.</param>
    /// <param name="isUserPage">Whether U/S is set at every level.</param>
    /// <param name="access">A read or write. A user access to a supervisor page is not a matter of keys.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Forbid(PagingEntry leaf, bool isUserPage, MemoryAccess access)
    {
        bool writes = access.Kind == AccessKind.Write;
        int keys = isUserPage
            ? !writes ? _userPageReads : access.IsUser ? _userPageUserWrites : _userPageKernelWrites
            : access.IsUser ? 0 : writes ? _supervisorPageWrites : _supervisorPageReads;
        return ((keys >> leaf.ProtectionKey) & 1) != 0;
    }
}
