/** Databases, from the shell. Statements are in `sql.ts`. */

import { compileFlags } from '../language/arguments.ts';
import { all, flag, sub, when, without } from '../matching/command-test.ts';
import type { CommandView } from '../matching/command-view.ts';
import type { CatalogueEntry } from './entry.ts';
import { on } from './entry.ts';

const REDIS_SINGLE = new Set(
  'flushall flushdb shutdown debug replicaof slaveof eval evalsha script module keys migrate swapdb failover'.split(
    ' ',
  ),
);
const REDIS_PAIRS =
  /^(?:config (?:set|rewrite|resetstat)|acl (?:setuser|deluser|load|save)|cluster (?:reset|forget|failover|flushslots)|function (?:load|flush|delete)|client kill)$/;
const MONGO_DANGER =
  /\.(?:drop\w*|shutdownServer|remove|renameCollection)\s*\(|\.(?:deleteMany|updateMany)\s*\(\s*(?:\{\s*\}\s*)?[,)]|(?:dropDatabase|shutdown)['"]?\s*:\s*1/;

/** Redis commands are not case-sensitive. They stand in the operands or come by a pipe of known text. */
function harmsRedis(view: CommandView): boolean {
  const words = view.operands.map((one) => one.text.toLowerCase());
  for (const [index, one] of view.operands.entries()) {
    if (isRedisDanger(words[index], words[index + 1])) return true;
    if (!view.isUncertain(one)) break;
  }
  const { stdin } = view.command;
  if (stdin.kind !== 'static') return false;
  return stdin.text.split('\n').some((line) => {
    const [first, second] = line.trim().toLowerCase().split(/\s+/);
    return isRedisDanger(first, second);
  });
}

function isRedisDanger(first = '', second = ''): boolean {
  return REDIS_SINGLE.has(first) || REDIS_PAIRS.test(`${first} ${second}`);
}

function harmsMongo(view: CommandView): boolean {
  const { stdin } = view.command;
  const texts = view.values(compileFlags('--eval')).map((one) => one.text);
  return [...texts, stdin.kind === 'static' ? stdin.text : ''].some((text) => MONGO_DANGER.test(text));
}

export const DB_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'db.drop-cli',
    severity: 'critical',
    why: 'Drops a whole database or role from the shell.',
    cases: [
      on('dropdb dropuser pg_dropcluster', without('--help|--version')),
      on('mysqladmin mariadb-admin', sub('drop', 'shutdown', 'kill', 'flush-logs')),
    ],
    positive: ['dropdb prod', 'mysqladmin drop prod', 'dropuser bob', 'pg_dropcluster 15 main'],
    negative: ['createdb x', 'mysqladmin status'],
  },
  {
    id: 'db.redis',
    severity: 'critical',
    why: 'Flushes or reconfigures a Redis server (CONFIG SET can write files).',
    cases: [on('redis-cli valkey-cli keydb-cli', when(harmsRedis))],
    positive: ['redis-cli FLUSHALL', 'redis-cli -h x config set dir /root/.ssh', 'redis-cli shutdown'],
    negative: ['redis-cli ping', 'redis-cli get k'],
  },
  {
    id: 'db.mongo',
    severity: 'critical',
    why: 'Drops a MongoDB database or collection.',
    cases: [on('mongo mongosh', when(harmsMongo))],
    positive: [
      'mongosh --eval "db.dropDatabase()"',
      'mongo app --eval "db.users.drop()"',
      'mongosh --eval "db.users.deleteMany({})"',
    ],
    negative: ['mongosh --eval "db.users.countDocuments()"'],
  },
  {
    id: 'db.restore',
    severity: 'high',
    why: 'Restoring or loading over a live database overwrites data.',
    cases: [
      on('pg_restore', all(flag('-c|-C|-d|--clean|--create|--dbname'), without('-l|--list'))),
      on('mongorestore mysqlimport mariadb-import', without('--help|--version')),
      on(
        'psql mysql mariadb sqlite3',
        when((view) => view.command.stdin.kind === 'file' || view.command.stdin.kind === 'pipe'),
      ),
    ],
    positive: ['pg_restore --clean -d prod x.dump', 'mongorestore --drop', 'mysql prod < dump.sql'],
    negative: ['pg_restore -l x.dump'],
  },
];
