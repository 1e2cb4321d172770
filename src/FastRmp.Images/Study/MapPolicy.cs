using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>A policy for the direct map: what splits a region, and what becomes of the pages of guests.</summary>
/// <remarks>A policy is one file in <c>Study/Policies</c>, named after its class: the build lists that folder, and names, tables, help and
/// tests follow from the list. It has no state; what a join needs to remember is in its <see cref="Joiner"/>.</remarks>
internal abstract class MapPolicy
{
    /// <summary>The name in tables and for <c>--policy</c>.</summary>
    internal abstract string Name { get; }

    /// <summary>One line of the help.</summary>
    internal abstract string Summary { get; }

    /// <summary>The place in tables: lower comes first.</summary>
    internal abstract int Order { get; }

    /// <summary>What makes it split.</summary>
    internal abstract MapTriggers Splits { get; }

    /// <summary>Whether an update of a page that is not RAM is refused, as mainline's adjust_direct_map does.</summary>
    internal virtual bool RefusesOutsideRam => false;

    /// <summary>What becomes of the pages of guests.</summary>
    internal virtual MapRemoval Removal => MapRemoval.None;

    /// <summary>Whether a 1 GiB leaf goes to 4 KiB under one flush: both tables are filled before the first entry changes.</summary>
    internal virtual bool MergesFlushes => false;

    /// <summary>The rules of joining with which it is replayed, in the order of tables.</summary>
    internal virtual IReadOnlyList<JoinRule> Joins => JoinRule.All;
}
