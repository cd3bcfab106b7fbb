/** The verb table: every verb that the daemon carries out, for both doors. The order is that of the help text. */
import type { EvidenceVerb, Verb } from './verb.ts';
import { accessGiveBack, accessList, accessRequest, accessRevoke } from './verbs/access.ts';
import { auditExport, auditTail, auditVerify } from './verbs/audit.ts';
import {
  breakGlassEnd,
  breakGlassList,
  breakGlassReview,
  breakGlassShow,
  breakGlassStart,
} from './verbs/break-glass.ts';
import { configReload, configSnippet } from './verbs/configuration.ts';
import { grantsList, grantsRevoke } from './verbs/grants.ts';
import { approvals, whoami } from './verbs/home.ts';
import { lockdownOff, lockdownOn } from './verbs/lockdown.ts';
import { moshStatus } from './verbs/mosh.ts';
import { notifyTest } from './verbs/notify.ts';
import { approve, deny, requests, requestsShow } from './verbs/request.ts';
import { sessionExport, sessionKill, sessionList, sessionSearch, sessionShow, sessionVerify } from './verbs/session.ts';
import { sessionFreeze, sessionResume } from './verbs/session-freeze.ts';
import { sessionPlay } from './verbs/session-play.ts';
import { sessionWatch } from './verbs/session-watch.ts';
import { stats } from './verbs/stats.ts';
import {
  targetAdd,
  targetEdit,
  targetList,
  targetRemove,
  targetShow,
  targets,
  targetTest,
  targetTrust,
} from './verbs/target.ts';
import { tokenAdd, tokenList, tokenRemove } from './verbs/token.ts';
import { enroll, totpEnroll, totpImport, totpReset, totpUnlock } from './verbs/totp.ts';
import {
  keyAdd,
  keyList,
  keyRemove,
  userAdd,
  userDisable,
  userEnable,
  userList,
  userRemove,
  userShow,
} from './verbs/user.ts';

/** Verbs that read recordings and the audit log; they work on the files alone too. */
export const EVIDENCE_VERBS: readonly EvidenceVerb[] = [
  sessionList,
  sessionShow,
  sessionPlay,
  sessionSearch,
  sessionExport,
  sessionVerify,
  auditTail,
  auditVerify,
  auditExport,
  stats,
];

export const VERBS: readonly Verb[] = [
  targets,
  requests,
  requestsShow,
  approvals,
  approve,
  deny,
  accessRequest,
  accessList,
  accessGiveBack,
  accessRevoke,
  grantsList,
  grantsRevoke,
  breakGlassStart,
  breakGlassList,
  breakGlassShow,
  breakGlassEnd,
  breakGlassReview,
  enroll,
  whoami,
  configSnippet,
  userAdd,
  userList,
  userShow,
  userDisable,
  userEnable,
  userRemove,
  keyAdd,
  keyList,
  keyRemove,
  tokenAdd,
  tokenList,
  tokenRemove,
  totpEnroll,
  totpImport,
  totpReset,
  totpUnlock,
  targetAdd,
  targetList,
  targetShow,
  targetEdit,
  targetRemove,
  targetTest,
  targetTrust,
  ...EVIDENCE_VERBS,
  sessionWatch,
  sessionFreeze,
  sessionResume,
  sessionKill,
  configReload,
  notifyTest,
  lockdownOn,
  lockdownOff,
  moshStatus,
];
