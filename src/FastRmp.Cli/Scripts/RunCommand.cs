using System.CommandLine;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Scripts;

/// <summary><c>fastrmp run</c>: its part of the command line.</summary>
internal static class RunCommand
{
    internal const string Examples = """
        Examples:
          fastrmp run lifecycle.txt
          printf 'rmp contiguous 100000 1103fff\nenable\nrmpupdate 40000000 2m 1 5 80000000 0\nentry 40000000\n' | fastrmp run -
              prints: ok, ok, 0 SUCCESS, 0028000080000003 000000000000001f

        One operation a line, # begins a comment. Each operation prints one line, in order; a bad line prints 'error: line N: ...',
        and the rest still runs. Addresses (SPA, GPA, BASE, END, RMPBASE) are hexadecimal with or without 0x, all other numbers
        decimal or hexadecimal with 0x; SIZE is 4k or 2m, a mapping's size 4k, 2m or 1g; ASSIGNED, IMMUTABLE, VALIDATE, VMSA and
        PRIVATE are 0 or 1. The processor is genoa until 'model' names another.

          model milan|genoa|turin|venice                                      ok
          rmp contiguous BASE END                                             ok | error: WHY
          rmp segmented BASE SHIFT INDEX:GIB:RMPBASE...                       ok | error: WHY
          enable                                                              ok | error: WHY (not enough memory here)
          rmpupdate SPA SIZE ASSIGNED ASID GPA IMMUTABLE                      CODE NAME | UD
          psmash SPA                                                          CODE NAME | UD
          pvalidate ASID VMPL GPA SPA NPTSIZE SIZE VALIDATE                   CODE NAME CF=0|1 | UD | GP | NPF CODE
          rmpadjust ASID VMPL GPA SPA NPTSIZE SIZE TARGETVMPL MASK VMSA       CODE NAME | UD | NPF CODE | VC 0x404
          rmpquery ASID VMPL GPA SPA TARGETVMPL                               CODE NAME size= mask= vmsa= | UD | NPF CODE | VC 0x404
          rmpread SPA                                                         CODE NAME gpa= assigned= size= ... | UD
          rmpopt SPA verify|report                                            CF=0|1 | UD
          host read|write|fetch SPA MAPPING [user]                            ok | PF CODE
          guest ASID VMPL CPL read|write|fetch|table PRIVATE GPA SPA MAPPING  ok | NPF CODE | VC 0x404
          fw COMMAND ARGUMENTS                                                ok | error: NAME
             snp_init [dram=START-END ...] [fixed=START-END ...] [iommu=START-END ...] [tseg=START-END] [aseg=START-END]
             init_ex [init_rmp=0|1] [as snp_init]; shutdown; shutdown_ex [iommu] [x86] [length=N]; shutdown iommu (as shutdown_ex iommu)
             df_flush [no-wbinvd] (else after WBINVD everywhere); sev_init; sev_shutdown
             gctx_create SPA; decommission SPA; launch_start GCTX [policy=HEX] [ma=SPA] [imi]; launch_finish GCTX
             activate ASID [GCTX]; activate_ex ASID [GCTX] (as activate, and once more for a guest that has the ASID)
             launch_update SPA SIZE [vmsa] [MASK1 MASK2 MASK3] [type=normal|vmsa|zero|unmeasured|secrets|cpuid] [imi] [gctx=SPA]
             swap_out SPA SIZE [gctx=SPA] [dst=SPA] [entry=SPA|root] [type=data|metadata|vmsa]
             swap_in SPA SIZE GPA VALIDATED VMSA MASK0 MASK1 MASK2 MASK3 [gctx=SPA]; swap_in SPA metadata GCTX
             swap_in SPA SIZE gctx=SPA [src=SPA] [entry=SPA|root] [type=data|metadata|vmsa] [inplace]
             page_move SRC DST SIZE [gctx=SPA]; md_init SPA GCTX; page_set_state SPA [PAGES] [SPA PAGES ...] [list=SPA] [length=N]
             page_reclaim SPA SIZE; page_unsmash SPA
             platform_status: snp= sev= rmp= iommu= guests= snp_en=; guest_status GCTX: its state; asid ASID: clean, allocated, used, dirty
             Without gctx= a command runs for the guest that a Metadata page names, else for one that owns the page, is in the right
             state and active, so that only the tests on the page decide; activate without GCTX tests and binds nothing.
             snp_ may precede a name; set_state and unsmash are page_set_state and page_unsmash.
          inuse SPA +|-                                                       ok
          entry SPA                                                           LOW HIGH, 16 digits each | error: not covered
          state SPA                                                           NAME
          count ASID                                                          pages of 4K

        """;

    internal static Command Create(Session session)
    {
        Argument<string> script = new("SCRIPT") { Description = "The script, plain, gzip or zstd; - reads standard input." };
        Command command = new("run", "Runs RMP operations of a script against the model and prints one result a line.") { script };
        command.SetAction(parse =>
        {
            string name = parse.GetValue(script)!;
            return name.Length != 0 ? RunRunner.Run(session, name) : UsageErrors.Refuse(session, command, "a file name is empty");
        });
        return command;
    }
}
