using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastRmp.Iommu;

namespace FastRmp.Native;

/// <summary>Devices' requests. Results have the layout of <see cref="IommuWalkResult"/>: three quadwords.</summary>
internal static unsafe class IommuWalks
{
    /// <summary>frmp_iommu_create.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_iommu_create")]
    internal static int Create(IommuConfig* config, ulong* iommu)
    {
        try
        {
            if (config is null || iommu is null) return Refusals.Null(config is null ? "config" : "iommu");
            *iommu = 0;
            int code = config->Decode(out IommuState state);
            if (code != (int)ErrorCode.Ok) return code;
            *iommu = HandleTable.Add(new IommuHandle(state));
            return *iommu == 0 ? Refusals.TooMany() : (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_iommu_walk.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_iommu_walk")]
    internal static int Walk(ulong iommu, ulong memory, ulong table, DeviceRequest* request, IommuWalkResult* result)
    {
        IommuHandle? unit = Slots.Find<IommuHandle>(iommu);
        MemoryHandle? ram = Slots.Find<MemoryHandle>(memory);
        ReverseMapTable<RmpGeometry>? rmp = table == 0 ? null : Slots.Table(table);
        return unit is not null && ram is not null && (rmp is not null || table == 0) && request is not null && result is not null
            && TryWalk(unit, ram, rmp, request, result)
                ? (int)ErrorCode.Ok
                : WalkAll(iommu, memory, table, request, 1, result);
    }

    /// <summary>The usual walk: host tables in the longest segment. A method of its own, whose walker has all registers.</summary>
    /// <returns>False if another walk has to be made; the result is then not one.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryWalk(
        IommuHandle unit, MemoryHandle ram, ReverseMapTable<RmpGeometry>? rmp, DeviceRequest* request, IommuWalkResult* result)
    {
        if (!request->TryDecodeSimple(out DeviceId device, out DeviceAddress address, out bool isWrite)) return false;
        OnePiece piece = ram.Longest;
        DeviceCheck check = new(rmp);
        bool isDone = IommuWalker.TryTranslate(ref piece, unit.State, device, address, isWrite, ref check, out IommuWalkResult outcome);
        *result = outcome;
        return isDone && (outcome.Status != IommuStatus.OutsideMemory || ram.IsOnePiece);
    }

    /// <summary>frmp_iommu_walk_array.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_iommu_walk_array")]
    internal static int WalkArray(
        ulong iommu, ulong memory, ulong table, DeviceRequest* requests, ulong count, IommuWalkResult* results) =>
        WalkAll(iommu, memory, table, requests, count, results);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int WalkAll(
        ulong iommu, ulong memory, ulong table, DeviceRequest* requests, ulong count, IommuWalkResult* results)
    {
        try
        {
            IommuHandle? unit = Slots.Find<IommuHandle>(iommu);
            if (unit is null) return Refusals.Handle(iommu);
            MemoryHandle? ram = Slots.Find<MemoryHandle>(memory);
            if (ram is null) return Refusals.Handle(memory);
            TableHandle? rmp = table == 0 ? null : Slots.Find<TableHandle>(table);
            if (rmp is null && table != 0) return Refusals.Handle(table);
            int fit = Refusals.Array(count, "requests", requests, "results", results);
            if (fit != (int)ErrorCode.Ok) return fit;
            DmaRmpCheck<RmpGeometry> check = new(rmp?.Table);
            CallerMemory view = ram.View();
            for (ulong i = 0; i < count; i++)
            {
                if (!requests[i].TryDecode(out DeviceId device, out IommuRequest request))
                {
                    return Refusals.Value("request->flags", requests[i].Flags);
                }

                results[i] = requests[i].Updates
                    ? IommuWalker.Access(ref view, unit.State, device, request, ref check)
                    : IommuWalker.Translate(ref view, unit.State, device, request, ref check);
            }

            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }
}
