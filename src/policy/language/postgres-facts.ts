/**
 * What a PostgreSQL statement does, read from its parse tree: every node is looked at, so that a DELETE in a CTE,
 * a PREPARE or an EXPLAIN ANALYZE counts. It does not know what functions of the database do.
 */
import type { OpaquePart } from '../analysis.ts';
import { isNode, parsePostgres, type TreeNode } from './postgres-parser.ts';
import type { SqlStatement } from './sql-statement.ts';
import { isAlwaysTrue } from './sql-tautology.ts';

interface Facts {
  readonly ids: Set<string>;
  /** What cannot be known, in words. */
  readonly opaque: string[];
  writes: boolean;
}

/** Reads one statement (or several in one text); what does not parse is opaque. */
export function readPostgres(text: string): {
  readonly statement: SqlStatement;
  readonly opaque: readonly OpaquePart[];
} {
  const parsed = parsePostgres(text);
  if (parsed.kind !== 'parsed') {
    const why = parsed.kind === 'refused' ? parsed.why : 'the SQL parser is not loaded';
    return { statement: { text, ids: [], readOnly: false }, opaque: [unreadable(text, `could not be read: ${why}`)] };
  }
  const facts: Facts = { ids: new Set(), opaque: [], writes: false };
  for (const statement of parsed.statements) {
    facts.writes ||= !isReading(statement);
    visit(statement, facts);
  }
  const ids = [...facts.ids];
  const readOnly = !facts.writes && ids.length === 0 && facts.opaque.length === 0;
  return { statement: { text, ids, readOnly }, opaque: facts.opaque.map((why) => unreadable(text, why)) };
}

function unreadable(text: string, why: string): OpaquePart {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return {
    reason: 'sql',
    detail: `The statement \`${shown}\` ${why}.`,
    word: shown,
    rewrite: 'write the statement itself',
  };
}

const READING: ReadonlySet<string> = new Set(['SelectStmt', 'VariableShowStmt', 'ExplainStmt', 'TransactionStmt']);

function isReading(statement: TreeNode): boolean {
  return Object.keys(statement).every((kind) => READING.has(kind));
}

/** Walks without recursion, because a tree can be deep. */
function visit(root: TreeNode, facts: Facts): void {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (Array.isArray(value)) for (const item of value) open.push(item);
    else if (isNode(value)) for (const part of insideOf(value, facts)) open.push(part);
  }
}

/** The parts of a node that happen when it runs. */
function insideOf(node: TreeNode, facts: Facts): readonly unknown[] {
  return Object.entries(node)
    .filter(([kind, part]) => Array.isArray(part) || (isNode(part) && look(kind, part, facts)))
    .map(([, part]) => part);
}

/** Notes the facts of one node; false when what is inside does not happen. */
function look(kind: string, node: TreeNode, facts: Facts): boolean {
  const id = SIMPLE_FACTS.get(kind) ?? (kind.startsWith('Alter') && kind.endsWith('Stmt') ? 'sql.alter' : undefined);
  if (id !== undefined) facts.ids.add(id);
  if (kind === 'ExplainStmt') return hasOption(node['options'], 'analyze');
  const reader = READERS.get(kind);
  if (reader !== undefined) reader(node, facts);
  return true;
}

const SIMPLE_FACTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    DropStmt: 'sql.drop',
    DropdbStmt: 'sql.drop',
    DropOwnedStmt: 'sql.drop',
    DropTableSpaceStmt: 'sql.drop',
    DropSubscriptionStmt: 'sql.drop',
    DropUserMappingStmt: 'sql.drop',
    TruncateStmt: 'sql.truncate',
    RenameStmt: 'sql.alter',
    GrantStmt: 'sql.grant',
    GrantRoleStmt: 'sql.grant',
    CreateRoleStmt: 'sql.grant',
    AlterRoleStmt: 'sql.grant',
    AlterRoleSetStmt: 'sql.grant',
    DropRoleStmt: 'sql.grant',
    AlterOwnerStmt: 'sql.grant',
    AlterDefaultPrivilegesStmt: 'sql.grant',
    ReassignOwnedStmt: 'sql.grant',
    CreatePolicyStmt: 'sql.grant',
    AlterPolicyStmt: 'sql.grant',
    SecLabelStmt: 'sql.grant',
    CreateUserMappingStmt: 'sql.grant',
    AlterSystemStmt: 'sql.server-admin',
    CreateSubscriptionStmt: 'sql.server-admin',
    AlterSubscriptionStmt: 'sql.server-admin',
    CreatePublicationStmt: 'sql.server-admin',
    CreateTableSpaceStmt: 'sql.server-admin',
    CheckPointStmt: 'sql.server-admin',
    CreateFunctionStmt: 'sql.create-code',
    CreateExtensionStmt: 'sql.create-code',
    CreateTrigStmt: 'sql.create-code',
    CreateEventTrigStmt: 'sql.create-code',
    CreatePLangStmt: 'sql.create-code',
    RuleStmt: 'sql.create-code',
    CreateFdwStmt: 'sql.create-code',
    CreateForeignServerStmt: 'sql.create-code',
    CreateCastStmt: 'sql.create-code',
    CreateTransformStmt: 'sql.create-code',
    LoadStmt: 'sql.create-code',
    LockStmt: 'sql.lock',
    ReindexStmt: 'sql.lock',
    ClusterStmt: 'sql.lock',
  }),
);

type Reader = (node: TreeNode, facts: Facts) => void;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['DeleteStmt', (node, facts) => readWhere(node, facts, 'sql.delete-no-where')],
  ['UpdateStmt', (node, facts) => readWhere(node, facts, 'sql.update-no-where')],
  ['MergeStmt', readMerge],
  ['InsertStmt', (_, facts) => wrote(facts)],
  ['IntoClause', (_, facts) => wrote(facts)],
  ['intoClause', (_, facts) => wrote(facts)],
  ['LockingClause', (_, facts) => wrote(facts)],
  ['CopyStmt', readCopy],
  ['VacuumStmt', readVacuum],
  ['VariableSetStmt', readSet],
  ['AlterTableCmd', readTableCommand],
  ['FuncCall', readCall],
  ['DoStmt', (_, facts) => unknown(facts, 'runs a program inside the server (DO)')],
  ['ExecuteStmt', (_, facts) => unknown(facts, 'runs a statement that was prepared before (EXECUTE)')],
  ['CallStmt', (_, facts) => unknown(facts, 'calls a procedure of the database')],
]);

function wrote(facts: Facts): void {
  facts.writes = true;
}

function unknown(facts: Facts, why: string): void {
  if (!facts.opaque.includes(why)) facts.opaque.push(why);
}

function readWhere(node: TreeNode, facts: Facts, id: string): void {
  facts.writes = true;
  if (node['whereClause'] === undefined) facts.ids.add(id);
  else if (isAlwaysTrue(node['whereClause'])) facts.ids.add('sql.where-tautology');
}

function readMerge(node: TreeNode, facts: Facts): void {
  facts.writes = true;
  const clauses = Array.isArray(node['mergeWhenClauses']) ? node['mergeWhenClauses'] : [];
  for (const entry of clauses) {
    const clause: unknown = isNode(entry) ? entry['MergeWhenClause'] : null;
    if (!isNode(clause) || clause['commandType'] !== 'CMD_DELETE') continue;
    if (clause['condition'] === undefined || isAlwaysTrue(clause['condition'])) facts.ids.add('sql.merge-delete');
  }
}

function readCopy(node: TreeNode, facts: Facts): void {
  if (node['is_from'] === true) facts.writes = true;
  if (node['is_program'] === true) facts.ids.add('sql.copy-program');
  else if (node['filename'] !== undefined) facts.ids.add('sql.file-access');
  else if (node['is_from'] !== true) facts.ids.add('exfil.sql-copy');
}

function readVacuum(node: TreeNode, facts: Facts): void {
  if (node['is_vacuumcmd'] === true && hasOption(node['options'], 'full')) facts.ids.add('sql.lock');
}

const PRIVILEGE_SETTINGS: ReadonlySet<string> = new Set([
  'role',
  'session_authorization',
  'session_replication_role',
  'row_security',
]);

function readSet(node: TreeNode, facts: Facts): void {
  const name = node['name'];
  if (node['kind'] !== 'VAR_RESET' && typeof name === 'string' && PRIVILEGE_SETTINGS.has(name)) {
    facts.ids.add('sql.session-privilege');
  }
}

function readTableCommand(node: TreeNode, facts: Facts): void {
  if (node['subtype'] === 'AT_ChangeOwner') facts.ids.add('sql.grant');
}

/** Functions by what calling them means; a trailing `*` stands for any end. */
const CALLS: readonly (readonly [RegExp, string])[] = [
  [
    /^pg_(?:read_(?:binary_)?file|ls_\w+|stat_file|file_\w+|logdir_ls|logfile_\w+|current_logfile)$/u,
    'sql.file-access',
  ],
  [/^lo_(?:import|export)$/u, 'sql.file-access'],
  [
    /^pg_(?:terminate_backend|cancel_backend|promote|reload_conf|rotate_logfile|switch_wal|create_restore_point|(?:wal_replay|backup)_\w+|(?:drop|create)_\w*replication_slot|replication_\w+|import_system_collations|log_backend_memory_contexts)$/u,
    'sql.server-admin',
  ],
];
const OPAQUE_CALL =
  /^(?:dblink\w*|query_to_xml\w*|cursor_to_xml\w*|database_to_xml\w*|exec\w*_sql|plpy\w*|ts_stat|crosstab\w*|connectby|cron_?\w*|schedule\w*)$/u;
const WRITING_CALL =
  /^(?:setval|nextval|set_config|pg_\w*advisory\w*|lo_\w+|pg_notify|txid_current|pg_stat_reset\w*)$/u;

function readCall(node: TreeNode, facts: Facts): void {
  const name = functionName(node);
  for (const [pattern, id] of CALLS) if (pattern.test(name)) facts.ids.add(id);
  if (OPAQUE_CALL.test(name)) unknown(facts, `runs a statement inside of \`${name}()\``);
  if (WRITING_CALL.test(name)) facts.writes = true;
  if (name === 'set_config') readSetConfig(node, facts);
}

function functionName(node: TreeNode): string {
  const last: unknown = Array.isArray(node['funcname']) ? node['funcname'].at(-1) : null;
  const text = isNode(last) && isNode(last['String']) ? last['String']['sval'] : null;
  return typeof text === 'string' ? text : '';
}

function readSetConfig(node: TreeNode, facts: Facts): void {
  const first: unknown = Array.isArray(node['args']) ? node['args'][0] : null;
  const constant = isNode(first) && isNode(first['A_Const']) ? first['A_Const'] : null;
  const name = constant !== null && isNode(constant['sval']) ? constant['sval']['sval'] : null;
  if (typeof name !== 'string' || PRIVILEGE_SETTINGS.has(name.toLowerCase())) facts.ids.add('sql.session-privilege');
}

/** An option such as `ANALYZE` or `FULL`, unless it is turned off. */
function hasOption(options: unknown, name: string): boolean {
  if (!Array.isArray(options)) return false;
  return options.some((option: unknown) => {
    const element = isNode(option) ? option['DefElem'] : null;
    return isNode(element) && element['defname'] === name && !isOff(element['arg']);
  });
}

function isOff(arg: unknown): boolean {
  const text = JSON.stringify(arg ?? null).toLowerCase();
  return /"(?:off|false|no)"|"ival":\{\}|"ival":0|"boolval":false|"boolean":\{\}/u.test(text);
}
