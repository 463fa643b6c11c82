// Measures a source file on its syntax tree: functions, nesting, declared names, exports, and escapes from the types.
import ts from 'typescript'
import type { Source } from './sources.js'

export interface FunctionSize {
  readonly name: string
  readonly line: number
  readonly lines: number
  readonly parameters: number
  readonly nesting: number
}

export interface Declared {
  readonly name: string
  readonly line: number
  readonly kind: 'class' | 'type' | 'value'
}

export interface Measures {
  readonly functions: readonly FunctionSize[]
  readonly declared: readonly Declared[]
  /** Lines with `any`, a non-null `!`, or a definite assignment. */
  readonly escapes: readonly number[]
  readonly exports: readonly string[]
  /** Modules that are exported whole. */
  readonly reexports: readonly string[]
}

export function measure({ path, text }: Source): Measures {
  const kind = path.endsWith('.ts') ? ts.ScriptKind.TS : ts.ScriptKind.JS
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, kind)
  const found: Visit['found'] = { functions: [], declared: [], escapes: [], exports: [], reexports: [] }
  visit(file, { file, found })
  return found
}

interface Visit {
  readonly file: ts.SourceFile
  readonly found: {
    functions: FunctionSize[]
    declared: Declared[]
    escapes: number[]
    exports: string[]
    reexports: string[]
  }
}

function visit(node: ts.Node, at: Visit): void {
  const { file, found } = at
  if (isFunction(node) && !isSuite(node)) found.functions.push(sizeOf(node, file))
  if (isEscape(node)) found.escapes.push(lineOf(node, file))
  const kind = declaredKind(node)
  if (kind) found.declared.push({ name: nameOf(node), line: lineOf(node, file), kind })
  if (node.parent === file) collectExports(node, found)
  ts.forEachChild(node, (child) => visit(child, at))
}

type FunctionNode = ts.FunctionLikeDeclaration & { body: ts.Node }

const isFunction = (node: ts.Node): node is FunctionNode =>
  ts.isFunctionLike(node) && 'body' in node && node.body !== undefined

/** The callback of a `describe` holds tests, as a file does. */
const isSuite = (node: ts.Node): boolean =>
  ts.isCallExpression(node.parent) && /^(describe|suite)(\.|$)/.test(node.parent.expression.getText())

function sizeOf(node: FunctionNode, file: ts.SourceFile): FunctionSize {
  const line = lineOf(node, file)
  const end = file.getLineAndCharacterOfPosition(node.getEnd()).line + 1
  const parameters = node.parameters.filter((parameter) => parameter.name.getText() !== 'this').length
  return { name: nameOf(node), line, lines: end - line + 1, parameters, nesting: deepest(node.body) }
}

const lineOf = (node: ts.Node, file: ts.SourceFile): number =>
  file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1

function nameOf(node: ts.Node): string {
  const named = (node as { name?: ts.Node }).name ?? (node.parent as { name?: ts.Node } | undefined)?.name
  return named?.getText() ?? '(anonymous)'
}

/** How deep conditions, loops and tries stand in each other; a function inside starts anew. */
function deepest(node: ts.Node): number {
  let below = 0
  ts.forEachChild(node, (child) => {
    if (!ts.isFunctionLike(child)) below = Math.max(below, deepest(child))
  })
  return below + (isNesting(node) ? 1 : 0)
}

function isNesting(node: ts.Node): boolean {
  // `else if` stands beside its `if`, not inside it.
  if (ts.isIfStatement(node)) return !(ts.isIfStatement(node.parent) && node.parent.elseStatement === node)
  return ts.isIterationStatement(node, false) || ts.isSwitchStatement(node) || ts.isTryStatement(node)
}

const isEscape = (node: ts.Node): boolean =>
  node.kind === ts.SyntaxKind.AnyKeyword ||
  ts.isNonNullExpression(node) ||
  ((ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) && node.exclamationToken !== undefined)

function declaredKind(node: ts.Node): Declared['kind'] | undefined {
  if (ts.isClassDeclaration(node)) return 'class'
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isEnumDeclaration(node))
    return 'type'
  if (ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node) || ts.isMethodDeclaration(node))
    return 'value'
  return undefined
}

function collectExports(node: ts.Node, { exports, reexports }: Visit['found']): void {
  if (ts.isExportDeclaration(node)) {
    const { exportClause, moduleSpecifier } = node
    if (exportClause && ts.isNamedExports(exportClause)) exports.push(...exportClause.elements.map(nameOf))
    else if (moduleSpecifier && ts.isStringLiteral(moduleSpecifier)) reexports.push(moduleSpecifier.text)
  } else if (ts.canHaveModifiers(node) && isExported(node)) {
    exports.push(...namesOf(node))
  }
}

const isExported = (node: ts.HasModifiers): boolean =>
  ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false

const namesOf = (node: ts.Node): string[] =>
  ts.isVariableStatement(node) ? node.declarationList.declarations.map(nameOf) : [nameOf(node)]
