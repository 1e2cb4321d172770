namespace FastRmp.Generators.Tests;

/// <summary>Declarations that several tests compile.</summary>
internal static class Samples
{
    internal const string Word64 = """
        using FastRmp;
        namespace Sample.Structures;

        /// <summary>Size of a page.</summary>
        public enum PageSize : byte
        {
            /// <summary>4 KiB.</summary>
            Size4K,
            /// <summary>2 MiB.</summary>
            Size2M,
        }

        /// <summary>An entry of one quadword.</summary>
        [BitLayout(64, Source = "Manual <1> & others, table 2-3")]
        [Reserved(11, 2), Reserved(62)]
        public readonly partial struct Word64
        {
            /// <summary>Whether the entry is present.</summary>
            [Bits(0)] public partial bool Present { get; init; }

            /// <summary>Page size.</summary>
            [Bits(1)] public partial PageSize PageSize { get; init; }

            /// <summary>Address of the page.</summary>
            [AddressBits(51, 12)] public partial ulong Address { get; init; }

            [Bits(63), Bits(61, 52)] public partial ushort Tag { get; }
        }
        """;

    internal const string Word128 = """
        using FastRmp;
        namespace Sample.Structures;

        /// <summary>An address.</summary>
        public readonly struct PageAddress
        {
            private readonly ulong _value;
            private PageAddress(ulong value) => _value = value;

            /// <summary>To an address.</summary>
            public static explicit operator PageAddress(ulong value) => new(value);

            /// <summary>From an address.</summary>
            public static explicit operator ulong(PageAddress address) => address._value;
        }

        /// <summary>Rights.</summary>
        [System.Flags]
        public enum Rights : byte
        {
            /// <summary>None.</summary>
            None,
            /// <summary>Read.</summary>
            Read = 1,
            /// <summary>Write.</summary>
            Write = 2,
            /// <summary>Write again.</summary>
            Modify = 2,
            /// <summary>Beyond the field.</summary>
            Beyond = 128,
        }

        /// <summary>An entry of two quadwords.</summary>
        [BitLayout(128)]
        [Reserved(80, 51)]
        public readonly partial struct Word128
        {
            /// <summary>Count.</summary>
            [Bits(11, 0)] public partial ushort Count { get; init; }

            /// <summary>Address.</summary>
            [AddressBits(50, 12)] public partial PageAddress Address { get; init; }

            /// <summary>Rights.</summary>
            [Bits(84, 81)] internal partial Rights Rights { get; init; }

            /// <summary>The rest.</summary>
            [Bits(127, 85)] public partial ulong Rest { get; init; }
        }
        """;

    internal const string Word256 = """
        using FastRmp;
        namespace Sample.Structures;

        /// <summary>Mode.</summary>
        public enum Mode
        {
            /// <summary>Off.</summary>
            Off,
            /// <summary>On.</summary>
            On,
        }

        /// <summary>An entry of four quadwords.</summary>
        [BitLayout(256, Source = "Manual, section 4")]
        [Reserved(200, 130), Reserved(255, 241)]
        public readonly partial struct Word256
        {
            /// <summary>Root, from three quadwords.</summary>
            [Bits(240, 201), Bits(79, 64), Bits(7, 0)] public partial ulong Root { get; init; }

            /// <summary>Mode.</summary>
            [Bits(9, 8)] public partial Mode Mode { get; init; }

            /// <summary>Middle.</summary>
            [Bits(41, 10)] public partial uint Middle { get; init; }

            /// <summary>Top of the first quadword.</summary>
            [Bits(63, 42)] public partial uint Top { get; init; }

            /// <summary>Second quadword.</summary>
            [Bits(127, 80)] public partial ulong Second { get; init; }

            /// <summary>A bit.</summary>
            [Bits(128)] public partial bool Flag { get; init; }

            /// <summary>Another bit.</summary>
            [Bits(129)] public partial byte Bit { get; init; }
        }
        """;

    internal const string Faulty = """
        using FastRmp;
        namespace Sample.Structures;

        /// <summary>An entry with a gap.</summary>
        [BitLayout(64)]
        public readonly partial struct Faulty
        {
            /// <summary>A field.</summary>
            [Bits(62, 0)] public partial ulong Field { get; init; }
        }
        """;
}
