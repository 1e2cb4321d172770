using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace FastRmp.Guarantee.Tests.Mutants;

/// <summary>Lets every loop of a source count its turns, so that a broken one ends.</summary>
internal sealed class LoopCounter : CSharpSyntaxRewriter
{
    private static readonly StatementSyntax Turn = SyntaxFactory.ParseStatement(
        "global::FastRmp.Guarantee.Tests.Probes.LoopBudget.Turn();");

    public override SyntaxNode? VisitForStatement(ForStatementSyntax node)
    {
        ForStatementSyntax loop = (ForStatementSyntax)base.VisitForStatement(node)!;
        return loop.WithStatement(Counted(loop.Statement));
    }

    public override SyntaxNode? VisitWhileStatement(WhileStatementSyntax node)
    {
        WhileStatementSyntax loop = (WhileStatementSyntax)base.VisitWhileStatement(node)!;
        return loop.WithStatement(Counted(loop.Statement));
    }

    public override SyntaxNode? VisitDoStatement(DoStatementSyntax node)
    {
        DoStatementSyntax loop = (DoStatementSyntax)base.VisitDoStatement(node)!;
        return loop.WithStatement(Counted(loop.Statement));
    }

    private static BlockSyntax Counted(StatementSyntax body) => SyntaxFactory.Block(Turn, body);
}
