using System;
using System.Globalization;
using System.Runtime.Intrinsics;
using FastRmp;
using FastRmp.Addressing;
using FastRmp.DirectMap;
using FastRmp.Layouts;
using FastRmp.Model;
using FastRmp.Paging;
using FastRmp.Rmp;

// A NativeAOT program over the library: assigns, checks, faults, splits, scans and releases, allocates nothing on the way, and says which vectors
// it runs on. Usage: FastRmp.AotSmoke [expected vector width in bits]. Exit code 0 if every check held.
int failures = 0;
void Check(bool holds, string what)
{
    if (holds) return;
    failures++;
    Console.Error.WriteLine($"failed: {what}");
}

int width = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
if (args.Length > 0) Check(width == int.Parse(args[0], CultureInfo.InvariantCulture), $"vectors of {args[0]} bits, found {width}");

PhysicalRange ram = new(PhysicalAddress.Create(0x4000_0000), 0x4000_0000);
ContiguousGeometry geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0x1_0000_0000), ram.End);
using ReverseMapTable<ContiguousGeometry> table = new(geometry, ProcessorModel.Genoa);
using HostDirectMap map = new([ram], new DirectMapOptions { TableBase = PhysicalAddress.Create(0x2_0000_0000) });
SnpHost<ContiguousGeometry, Rejoining<OnDemand>> host = new(table, map);
PhysicalAddress page = PhysicalAddress.Create(0x4040_1000);
RmpUpdateOperand assign = default(RmpUpdateOperand).WithAssigned(true).WithAsid(5).WithGpa(0x1234_5000);

Check(host.RmpUpdate(page, assign).Status == HostUpdateStatus.NotEnabled, "an update before SNP is enabled is refused");
host.EnableSnp();
Round(host, page, assign);
long before = GC.GetAllocatedBytesForCurrentThread();
for (int i = 0; i < 100; i++)
{
    Round(host, page, assign);
}

long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
Check(allocated == 0, $"nothing is allocated, found {allocated} bytes");
Check(map.Statistics is { Leaves1G: 1, Splits1G: 101, Rejoins1G: 101 }, $"the direct map is whole again, found {map.Statistics}");
Console.WriteLine($"FastRmp AOT smoke: {width}-bit vectors, {failures} failures");
return failures == 0 ? 0 : 1;

void Round(SnpHost<ContiguousGeometry, Rejoining<OnDemand>> snp, PhysicalAddress target, in RmpUpdateOperand operand)
{
    Check(snp.RmpUpdate(target, operand).IsDone, "the page is assigned");
    PhysicalAddress neighbour = target + 0x1000;
    Translation refused = snp.Access(neighbour, AccessKind.Write);
    Check(refused is { Status: WalkStatus.RmpViolation, ErrorCode: 0x8000_0003, Size: PageSize.Size1G }, "a write beside it faults through the large mapping");
    Check(snp.HandlePageFault(snp.DirectMap.ToVirtual(neighbour), new PageFaultErrorCode(refused.ErrorCode)) == FaultOutcome.Split, "the handler splits");
    Check(snp.Access(neighbour, AccessKind.Write) is { IsMapped: true, Size: PageSize.Size4K }, "the repeated write succeeds");
    Check(snp.Access(target, AccessKind.Write).Status == WalkStatus.RmpViolation, "a write to the page itself still faults");
    Check(AssignedScan.Count(snp.Table.Region(target)) == 1 && AssignedScan.IndexOfFirst(snp.Table.Region(target)) == 1, "the scan finds the page");
    Check(snp.RmpUpdate(target, default).IsDone && !AssignedScan.Any(snp.Table.Region(target)), "the page is released");
}
