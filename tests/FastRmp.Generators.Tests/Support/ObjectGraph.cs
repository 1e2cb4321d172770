using System;
using System.Collections;
using System.Collections.Generic;
using System.Reflection;
using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Tests.Support;

/// <summary>Walks everything reachable from an object and names what would keep a compilation from being collected.</summary>
internal static class ObjectGraph
{
    internal static List<string> FindCompilerObjects(object root)
    {
        List<string> found = [];
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        Stack<object> open = new([root]);
        while (open.TryPop(out object? value))
        {
            if (IsCompilerObject(value))
            {
                found.Add(value.GetType().FullName!);
            }
            else if (!IsLeaf(value) && (value.GetType().IsValueType || seen.Add(value)))
            {
                Push(value, open);
            }
        }

        return found;
    }

    // By "is": the run-time types are internal classes below these.
    private static bool IsCompilerObject(object value) => value is ISymbol or SyntaxNode or SyntaxToken or SyntaxTree or SyntaxReference
        or Compilation or SemanticModel or Location or Diagnostic or AttributeData or IOperation;

    private static bool IsLeaf(object value) => value is string or Type || value.GetType().IsPrimitive || value.GetType().IsEnum;

    private static void Push(object value, Stack<object> open)
    {
        if (value is Array array)
        {
            PushAll(array, open);
            return;
        }

        for (Type? type = value.GetType(); type is not null; type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (!field.FieldType.IsPointer && field.GetValue(value) is object next) open.Push(next);
            }
        }
    }

    private static void PushAll(IEnumerable items, Stack<object> open)
    {
        foreach (object? item in items)
        {
            if (item is not null) open.Push(item);
        }
    }
}
