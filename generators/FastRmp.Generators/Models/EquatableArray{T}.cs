using System;
using System.Collections.Immutable;

namespace FastRmp.Generators.Models;

/// <summary>
/// An immutable array that is equal to another one with equal items: what a pipeline step needs in order to see
/// that nothing changed. A plain <see cref="ImmutableArray{T}"/> compares the reference alone.
/// </summary>
/// <typeparam name="T">Item type, itself compared by value.</typeparam>
/// <param name="items">The items; a default array counts as empty.</param>
internal readonly struct EquatableArray<T>(ImmutableArray<T> items) : IEquatable<EquatableArray<T>>
    where T : IEquatable<T>
{
    private readonly ImmutableArray<T> _items = items;

    /// <summary>The items, never a default array.</summary>
    public ImmutableArray<T> Items => _items.IsDefault ? [] : _items;

    /// <summary>Number of items.</summary>
    public int Length => Items.Length;

    /// <summary>The item at a position.</summary>
    /// <param name="index">Position from 0.</param>
    public T this[int index] => Items[index];

    /// <summary>Whether both hold equal items in equal order.</summary>
    /// <param name="other">The array compared with.</param>
    public bool Equals(EquatableArray<T> other)
    {
        ImmutableArray<T> left = Items;
        ImmutableArray<T> right = other.Items;
        if (left.Length != right.Length) return false;
        for (int index = 0; index < left.Length; index++)
        {
            if (!left[index].Equals(right[index])) return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EquatableArray<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int hash = 17;
        foreach (T item in Items)
        {
            hash = unchecked((hash * 31) + item.GetHashCode());
        }

        return hash;
    }

    /// <summary>Enumerates the items without boxing.</summary>
    public ImmutableArray<T>.Enumerator GetEnumerator() => Items.GetEnumerator();
}
