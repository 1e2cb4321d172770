namespace FastRmp;

/// <summary>What KVM does about a nested page fault.</summary>
public enum KvmAction : byte
{
    /// <summary>Maps the frame, or finds it mapped, and lets the guest repeat.</summary>
    Map = 0,

    /// <summary>Exits to user space with KVM_EXIT_MEMORY_FAULT; the ioctl returns -EFAULT.</summary>
    MemoryFault = 1,

    /// <summary>Emulates the instruction as an access to a device.</summary>
    Mmio = 2,

    /// <summary>Warns in the kernel's log and returns -EFAULT: a reserved bit on a private access.</summary>
    Warning = 3,
}
