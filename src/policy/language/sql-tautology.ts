/** Is a PostgreSQL condition true for every row? Only what is certain from the text: constants and `x = x`. */
import { isNode, type TreeNode } from './postgres-parser.ts';

/** True when the condition filters nothing (a NULL aside). */
export function isAlwaysTrue(condition: unknown): boolean {
  return truth(condition) === true;
}

/** The constant truth of a condition; null when it depends on the row. */
function truth(node: unknown): boolean | null {
  if (!isNode(node)) return null;
  if (isNode(node['A_Const'])) return constantTruth(node['A_Const']);
  if (isNode(node['TypeCast'])) return truth(node['TypeCast']['arg']);
  if (isNode(node['BoolExpr'])) return combined(node['BoolExpr']);
  if (isNode(node['A_Expr'])) return compared(node['A_Expr']);
  if (isNode(node['BooleanTest'])) return null;
  return null;
}

function constantTruth(constant: TreeNode): boolean | null {
  if (isNode(constant['boolval'])) return constant['boolval']['boolval'] === true;
  const text = isNode(constant['sval']) ? constant['sval']['sval'] : null;
  if (typeof text !== 'string') return null;
  if (/^(?:t|true|yes|on|y|1)$/iu.test(text)) return true;
  return /^(?:f|false|no|off|n|0)$/iu.test(text) ? false : null;
}

function combined(expression: TreeNode): boolean | null {
  const args = Array.isArray(expression['args']) ? expression['args'].map(truth) : [];
  switch (expression['boolop']) {
    case 'OR_EXPR':
      return decided(args, true);
    case 'AND_EXPR':
      return decided(args, false);
    case 'NOT_EXPR':
      return args[0] === undefined || args[0] === null ? null : !args[0];
    default:
      return null;
  }
}

/** One `deciding` value decides; all of the other decide too. */
function decided(args: readonly (boolean | null)[], deciding: boolean): boolean | null {
  if (args.includes(deciding)) return deciding;
  return args.includes(null) ? null : !deciding;
}

function compared(expression: TreeNode): boolean | null {
  const operator = operatorName(expression);
  const { lexpr: left, rexpr: right } = expression;
  if (expression['kind'] === 'AEXPR_IN') return includesSame(left, right);
  if (expression['kind'] === 'AEXPR_LIKE' || expression['kind'] === 'AEXPR_ILIKE') return matchesAll(operator, right);
  const same = sameTree(left, right);
  if (same && ['=', '<=', '>='].includes(operator)) return true;
  if (same && ['<>', '!=', '<', '>'].includes(operator)) return false;
  const a = numberOf(left);
  const b = numberOf(right);
  return a === null || b === null ? null : compareNumbers(a, operator, b);
}

function operatorName(expression: TreeNode): string {
  const name: unknown = Array.isArray(expression['name']) ? expression['name'].at(-1) : null;
  const text = isNode(name) && isNode(name['String']) ? name['String']['sval'] : null;
  return typeof text === 'string' ? text : '';
}

function includesSame(left: unknown, right: unknown): boolean | null {
  const items: unknown = isNode(right) && isNode(right['List']) ? right['List']['items'] : right;
  return Array.isArray(items) && items.some((item) => sameTree(left, item)) ? true : null;
}

/** `x LIKE '%'`. */
function matchesAll(operator: string, right: unknown): boolean | null {
  const constant = isNode(right) && isNode(right['A_Const']) ? right['A_Const'] : null;
  const text = constant !== null && isNode(constant['sval']) ? constant['sval']['sval'] : null;
  return typeof text === 'string' && /^%+$/u.test(text) && operator.startsWith('~~') ? true : null;
}

function numberOf(node: unknown): number | null {
  const constant = isNode(node) && isNode(node['A_Const']) ? node['A_Const'] : null;
  if (constant === null) return null;
  // The tree leaves out the value of the integer zero.
  if (isNode(constant['ival'])) return typeof constant['ival']['ival'] === 'number' ? constant['ival']['ival'] : 0;
  const text = isNode(constant['fval']) ? constant['fval']['fval'] : null;
  return typeof text === 'string' ? Number(text) : null;
}

function compareNumbers(a: number, operator: string, b: number): boolean | null {
  switch (operator) {
    case '=':
      return a === b;
    case '<>':
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    default:
      return null;
  }
}

/** Equal trees, positions in the text aside. */
function sameTree(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return false;
  return JSON.stringify(a, withoutPlace) === JSON.stringify(b, withoutPlace);
}

function withoutPlace(key: string, value: unknown): unknown {
  return key === 'location' || key === 'rexpr_list_start' || key === 'rexpr_list_end' ? undefined : value;
}
