namespace FastRmp.Reference;

/// <summary>A device table entry as a record of plain fields, read from its four quadwords (AMD-Vi 2).</summary>
public sealed partial record ReferenceDeviceEntry
{
    /// <summary>V, bit 0.</summary>
    public bool Valid { get; init; }

    /// <summary>TV, bit 1: the translation information is valid.</summary>
    public bool TranslationValid { get; init; }

    /// <summary>Bit 7, half of HAD: Accessed is set in the page tables.</summary>
    public bool SetsAccessed { get; init; }

    /// <summary>Bit 8, the other half: Dirty is set, too; of no meaning alone.</summary>
    public bool SetsDirty { get; init; }

    /// <summary>Mode, bits 11:9: the number of levels, 1 to 6; 0 means no translation, 7 is reserved.</summary>
    public int Mode { get; init; }

    /// <summary>The system physical address of the top table, bits 51:12.</summary>
    public ulong Root { get; init; }

    /// <summary>PPR, bit 52: peripheral page requests.</summary>
    public bool PageRequests { get; init; }

    /// <summary>GPRP, bit 53.</summary>
    public bool PageRequestResponsePasid { get; init; }

    /// <summary>GIOV, bit 54: requests without PASID use PASID 0.</summary>
    public bool GuestProtection { get; init; }

    /// <summary>GV, bit 55: guest translation is valid.</summary>
    public bool GuestTranslation { get; init; }

    /// <summary>GLX, bits 57:56.</summary>
    public int GuestLevels { get; init; }

    /// <summary>The GCR3 root: bits 14:12 from 60:58, 30:15 from 95:80, 51:31 from 127:107.</summary>
    public ulong GuestRoot { get; init; }

    /// <summary>IR, bit 61.</summary>
    public bool CanRead { get; init; }

    /// <summary>IW, bit 62.</summary>
    public bool CanWrite { get; init; }

    /// <summary>DomainID, bits 79:64.</summary>
    public int Domain { get; init; }

    /// <summary>I, bit 96: the device has an IOTLB.</summary>
    public bool DeviceTlb { get; init; }

    /// <summary>SE, bit 97: further page-fault events of the device are suppressed.</summary>
    public bool SuppressesFurtherEvents { get; init; }

    /// <summary>SA, bit 98: all page-fault events are suppressed.</summary>
    public bool SuppressesAllEvents { get; init; }

    /// <summary>EX, bit 103: the exclusion range applies.</summary>
    public bool Exclusion { get; init; }

    /// <summary>SysMgt, bits 105:104.</summary>
    public int SystemManagement { get; init; }

    /// <summary>IV, bit 128: the interrupt map is valid.</summary>
    public bool InterruptValid { get; init; }

    /// <summary>IntTabLen, bits 132:129: the logarithm of the number of interrupt entries.</summary>
    public int InterruptLength { get; init; }

    /// <summary>The interrupt table, bits 51:6 from 179:134.</summary>
    public ulong InterruptRoot { get; init; }

    /// <summary>GuestPagingMode, bits 183:182.</summary>
    public int GuestPagingMode { get; init; }

    /// <summary>InitPass, bit 184.</summary>
    public bool InitPass { get; init; }

    /// <summary>EIntPass, bit 185.</summary>
    public bool ExternalInterruptPass { get; init; }

    /// <summary>NMIPass, bit 186.</summary>
    public bool NmiPass { get; init; }

    /// <summary>IntCtl, bits 189:188.</summary>
    public int InterruptControl { get; init; }

    /// <summary>Lint0Pass, bit 190.</summary>
    public bool Lint0Pass { get; init; }

    /// <summary>Lint1Pass, bit 191.</summary>
    public bool Lint1Pass { get; init; }

    /// <summary>Reads an entry.</summary>
    /// <param name="q0">Bits 63:0.</param>
    /// <param name="q1">Bits 127:64.</param>
    /// <param name="q2">Bits 191:128.</param>
    /// <param name="q3">Bits 255:192, of which a walk needs none but for being zero.</param>
    /// <returns>The record.</returns>
    public static ReferenceDeviceEntry FromQuadwords(ulong q0, ulong q1, ulong q2, ulong q3)
    {
        ulong[] words = [q0, q1, q2, q3];
        return new ReferenceDeviceEntry
        {
            _words = words,
            Valid = Field(words, 0, 0) == 1,
            TranslationValid = Field(words, 1, 1) == 1,
            SetsAccessed = Field(words, 7, 7) == 1,
            SetsDirty = Field(words, 8, 8) == 1,
            Mode = (int)Field(words, 11, 9),
            Root = Field(words, 51, 12) << 12,
            PageRequests = Field(words, 52, 52) == 1,
            PageRequestResponsePasid = Field(words, 53, 53) == 1,
            GuestProtection = Field(words, 54, 54) == 1,
            GuestTranslation = Field(words, 55, 55) == 1,
            GuestLevels = (int)Field(words, 57, 56),
            GuestRoot = (Field(words, 60, 58) << 12) + (Field(words, 95, 80) << 15) + (Field(words, 127, 107) << 31),
            CanRead = Field(words, 61, 61) == 1,
            CanWrite = Field(words, 62, 62) == 1,
            Domain = (int)Field(words, 79, 64),
            DeviceTlb = Field(words, 96, 96) == 1,
            SuppressesFurtherEvents = Field(words, 97, 97) == 1,
            SuppressesAllEvents = Field(words, 98, 98) == 1,
            Exclusion = Field(words, 103, 103) == 1,
            SystemManagement = (int)Field(words, 105, 104),
            InterruptValid = Field(words, 128, 128) == 1,
            InterruptLength = (int)Field(words, 132, 129),
            InterruptRoot = Field(words, 179, 134) << 6,
            GuestPagingMode = (int)Field(words, 183, 182),
            InitPass = Field(words, 184, 184) == 1,
            ExternalInterruptPass = Field(words, 185, 185) == 1,
            NmiPass = Field(words, 186, 186) == 1,
            InterruptControl = (int)Field(words, 189, 188),
            Lint0Pass = Field(words, 190, 190) == 1,
            Lint1Pass = Field(words, 191, 191) == 1,
        };
    }

    // The bits from high to low of the 256-bit entry, one by one.
    private static ulong Field(ulong[] words, int high, int low)
    {
        ulong value = 0;
        for (int bit = high; bit >= low; bit--) value = (value * 2) + ((words[bit / 64] >> (bit % 64)) & 1);
        return value;
    }
}
