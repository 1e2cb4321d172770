using System;
using Xunit;

namespace FastRmp.Images.Tests.Formats;

public class PageBitmapTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(63, false)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(4095, true)]
    [InlineData(4096, false)]
    [InlineData(4097, true)]
    [InlineData(20_000, true)]
    [InlineData(20_000, false)]
    public void A_bitmap_answers_as_a_look_at_every_bit(int pages, bool isInPlace)
    {
        Random random = new(pages);
        for (int density = 0; density <= 4; density++)
        {
            byte[] bits = new byte[8 + ((pages + 63) / 64 * 8) + 8];
            if (density is 1 or 2) random.NextBytes(bits);
            if (density >= 3) Array.Fill(bits, (byte)0xFF);
            if (density == 4) bits[8 + (pages / 16)] = 0;
            if (density == 2)
            {
                for (int index = 0; index < bits.Length; index++) bits[index] &= random.Next(9) == 0 ? (byte)1 : (byte)0;
            }

            using HeldBytes source = new(bits, isInPlace);
            PageBitmap bitmap = PageBitmap.Read(source, 8, (ulong)pages, isCounted: true);
            Assert.Equal((ulong)pages, bitmap.Pages);
            int before = 0;
            for (int page = 0; page < pages; page++)
            {
                bool isSet = IsSet(bits, page);
                Assert.True(bitmap.Has((ulong)page) == isSet && bitmap.CountBefore((ulong)page) == (ulong)before, $"{page}");
                before += isSet ? 1 : 0;
            }

            Assert.Equal((ulong)before, bitmap.Set);
            Assert.Equal((ulong)before, bitmap.CountBefore((ulong)pages + 5));
            Assert.False(bitmap.Has((ulong)pages));
            int next = pages;
            int nextClear = pages;
            for (int page = pages - 1; page >= 0; page--)
            {
                if (IsSet(bits, page)) next = page;
                else nextClear = page;
                Assert.True(
                    bitmap.Next((ulong)page, isSet: true) == (ulong)next && bitmap.Next((ulong)page, isSet: false) == (ulong)nextClear,
                    $"{page}");
            }

            Assert.Equal((ulong)pages, bitmap.Next((ulong)pages, isSet: true));
            Assert.Equal((ulong)pages, bitmap.Next(ulong.MaxValue, isSet: false));
        }
    }

    private static bool IsSet(byte[] bits, int page) => ((bits[8 + (page / 8)] >> (page % 8)) & 1) != 0;

    private sealed class HeldBytes : ByteSource
    {
        private readonly PinnedMemory _memory = PinnedMemory.Allocate(0x2000);
        private readonly int _length;
        private readonly bool _isInPlace;

        internal HeldBytes(byte[] bytes, bool isInPlace)
        {
            bytes.CopyTo(_memory.Span(0, bytes.Length));
            _length = bytes.Length;
            _isInPlace = isInPlace;
        }

        internal override ulong Length => (ulong)_length;

        internal override int Read(ulong offset, Span<byte> destination)
        {
            int count = (int)Math.Min((ulong)destination.Length, Length - offset);
            _memory.ReadOnlySpan(offset, count).CopyTo(destination);
            return count;
        }

        internal override bool TrySpan(ulong offset, int length, out ReadOnlySpan<byte> bytes)
        {
            bytes = default;
            if (!_isInPlace) return false;
            bytes = _memory.ReadOnlySpan(offset, length);
            return true;
        }

        public override void Dispose()
        {
            base.Dispose();
            _memory.Dispose();
        }
    }
}
