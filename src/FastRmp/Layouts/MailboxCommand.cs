namespace FastRmp;

/// <summary>The command register of the secure processor's mailbox. A 32-bit register, kept in 64 bits.</summary>
[BitLayout(64, Source = "Linux drivers/crypto/ccp/psp-dev.h, sev-dev.h")]
[Reserved(30, 27)]
[Reserved(63, 32)]
internal readonly partial struct MailboxCommand
{
    /// <summary>Of a response, the status; of a command, bit 0 asks for an interrupt.</summary>
    [Bits(15, 0)] public partial ushort Status { get; init; }

    /// <summary>The command.</summary>
    [Bits(26, 16)] public partial ushort Command { get; init; }

    /// <summary>The command is done.</summary>
    [Bits(31)] public partial bool IsResponse { get; init; }
}
