using System;
using System.Globalization;
using System.Runtime.Intrinsics;
using FastRmp.AotSmoke;

// A NativeAOT program over the library: every instruction, check, walk and firmware command, the host's direct map and the scans; allocates
// nothing on the way, and says which vectors it runs on. Usage: FastRmp.AotSmoke [expected vector width in bits]. Exit code 0 if every
// check held.
int width = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
if (args.Length > 0) Expect.That(width == int.Parse(args[0], CultureInfo.InvariantCulture), $"vectors of {args[0]} bits, found {width}");

using HostRound host = new();
Expect.NoAllocation("host", host.Run);
using InstructionRound instructions = new();
Expect.NoAllocation("instructions", instructions.Run);
using WalkRound walks = new();
Expect.NoAllocation("walks", walks.Run);
using FirmwareRound firmware = new();
Expect.NoAllocation("firmware", firmware.Run);
Console.WriteLine($"FastRmp AOT smoke: {width}-bit vectors, {Expect.Failures} failures");
return Expect.Failures == 0 ? 0 : 1;
