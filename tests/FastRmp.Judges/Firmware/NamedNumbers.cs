using System;
using System.Collections.Generic;

namespace FastRmp.Judges.Firmware;

/// <summary>Numbers by name; one that is not there is 0 unless said otherwise.</summary>
internal sealed class NamedNumbers
{
    private readonly List<(string Name, ulong Value)> _values = [];

    internal ulong this[string name] => Get(name, 0);

    internal bool Has(string name) => this[name] != 0;

    internal void Add(string name, ulong value) => _values.Add((name, value));

    internal ulong Get(string name, ulong otherwise)
    {
        foreach ((string key, ulong value) in _values)
        {
            if (string.Equals(key, name, StringComparison.Ordinal)) return value;
        }

        return otherwise;
    }
}
