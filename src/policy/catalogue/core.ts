/**
 * The shipped catalogue, version `core@1`: all families in one list. Adding a danger is one entry in one family
 * file; its examples are run as tests.
 */

import { CLOUD_ENTRIES } from './cloud.ts';
import { CTR_ENTRIES } from './containers.ts';
import { CRED_ENTRIES } from './credentials.ts';
import { DB_ENTRIES } from './databases.ts';
import { DISK_ENTRIES } from './disks.ts';
import type { CatalogueEntry } from './entry.ts';
import { EXFIL_ENTRIES } from './exfiltration.ts';
import { FS_ENTRIES } from './filesystem.ts';
import { GIT_ENTRIES } from './git.ts';
import { HIST_ENTRIES } from './history.ts';
import { IAC_ENTRIES } from './infrastructure.ts';
import { KERNEL_ENTRIES } from './kernel.ts';
import { K8S_ENTRIES } from './kubernetes.ts';
import { LOG_ENTRIES } from './logs.ts';
import { NET_ENTRIES } from './network.ts';
import { PKG_ENTRIES } from './packages.ts';
import { PERM_ENTRIES } from './permissions.ts';
import { PERSIST_ENTRIES } from './persistence.ts';
import { PROC_ENTRIES } from './processes.ts';
import { REC_ENTRIES } from './recording.ts';
import { SVC_ENTRIES } from './services.ts';
import { SHELL_ENTRIES } from './shells.ts';
import { SQL_ENTRIES } from './sql.ts';
import { USER_ENTRIES } from './users.ts';

/** Name under which policy files pin the shipped entries. */
export const CORE_PACK = 'core@1';

export const CORE_ENTRIES: readonly CatalogueEntry[] = [
  ...FS_ENTRIES,
  ...DISK_ENTRIES,
  ...USER_ENTRIES,
  ...PERM_ENTRIES,
  ...SVC_ENTRIES,
  ...PROC_ENTRIES,
  ...NET_ENTRIES,
  ...PKG_ENTRIES,
  ...KERNEL_ENTRIES,
  ...CTR_ENTRIES,
  ...K8S_ENTRIES,
  ...CLOUD_ENTRIES,
  ...IAC_ENTRIES,
  ...GIT_ENTRIES,
  ...DB_ENTRIES,
  ...EXFIL_ENTRIES,
  ...CRED_ENTRIES,
  ...PERSIST_ENTRIES,
  ...LOG_ENTRIES,
  ...HIST_ENTRIES,
  ...REC_ENTRIES,
  ...SHELL_ENTRIES,
  ...SQL_ENTRIES,
];
