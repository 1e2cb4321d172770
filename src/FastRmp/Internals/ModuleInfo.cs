using System;
using System.Runtime.CompilerServices;

[module: SkipLocalsInit]
[assembly: CLSCompliant(false)]
