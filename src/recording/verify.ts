/**
 * Says whether a recording is what was recorded: its chain, its seal, and what the audit log remembers of it.
 * Without a seal and without the audit log, frames cut off the end cannot be missed.
 */
import type { SignatureChecker } from '../base/signing.ts';
import type { RecordingHead } from './frame-writer.ts';
import { openRecording, type ReadReport, type RecordingFiles, readFrames } from './reader.ts';
import { checkSeal } from './seal.ts';

/** `complete`: all there. `incomplete`: good as far as it goes (running, crashed, torn). `tampered`: changed. */
export type VerificationKind = 'complete' | 'incomplete' | 'tampered';

export interface RecordingVerification {
  readonly kind: VerificationKind;
  /** 0, 2 or 3: what a command that verifies exits with. */
  readonly exitCode: 0 | 2 | 3;
  readonly report: ReadReport | null;
  /** Sentences for people, the worst last. */
  readonly findings: readonly string[];
}

/** Heads of this recording that the audit log holds (started, checkpoints, sealed). */
export type Anchors = readonly RecordingHead[];

interface Findings {
  kind: VerificationKind;
  readonly texts: string[];
}

/** Checks the recording in `directory`. Never throws. @param anchors from the audit log; empty when it is not at hand */
export async function verifyRecording(
  directory: string,
  checker: SignatureChecker,
  anchors: Anchors = [],
): Promise<RecordingVerification> {
  const found: Findings = { kind: 'complete', texts: [] };
  const opened = await openRecording(directory);
  if (opened.kind === 'unreadable') {
    note(found, 'tampered', `Not a readable recording: ${opened.why}`);
    return conclude(found, null);
  }
  const wanted = new Map(anchors.map((head) => [head.frame, head.hash]));
  const hashes = new Map<number, string>();
  const { files } = opened;
  const report = await readFrames(files, (frame) => {
    hashes.set(frame.number - 1, frame.prev.toString('hex'));
    return undefined;
  });
  hashes.set(report.head.frame, report.head.hash);
  checkChain(files, report, found);
  checkSealOf(files, report, hashes, checker, found);
  checkAnchors(wanted, hashes, report, found);
  return conclude(found, report);
}

function checkChain(files: RecordingFiles, report: ReadReport, found: Findings): void {
  const { reason } = report;
  if (reason?.kind === 'torn') note(found, 'incomplete', reason.text);
  else if (reason !== null) note(found, 'tampered', reason.text);
  else if (!report.final && files.seal?.state === 'complete') note(found, 'tampered', 'The last frame is missing.');
}

function checkSealOf(
  files: RecordingFiles,
  report: ReadReport,
  hashes: ReadonlyMap<number, string>,
  checker: SignatureChecker,
  found: Findings,
): void {
  const { seal, meta } = files;
  if (files.sealDamaged) note(found, 'tampered', 'The seal cannot be read.');
  else if (seal === null)
    note(found, 'incomplete', 'There is no seal: the session is running or was not ended properly.');
  if (seal === null) return;
  const check = checkSeal(seal, checker);
  if (check === 'unknown-key') note(found, 'tampered', `The seal is signed by the unknown key ${seal.key_id}.`);
  if (check === 'invalid') note(found, 'tampered', 'The signature of the seal is wrong.');
  if (seal.session !== meta.session) note(found, 'tampered', 'The seal is that of another session.');
  if (report.frames < seal.frames) {
    note(found, 'tampered', `The seal speaks of ${seal.frames} frames, ${report.frames} are here.`);
  } else if (hashes.get(seal.frames - 1) !== seal.head) {
    note(found, 'tampered', 'The frames are not those that were sealed.');
  } else if (report.frames > seal.frames && seal.state === 'complete') {
    note(found, 'tampered', 'There are frames after the sealed ones.');
  }
  if (seal.state !== 'complete')
    note(found, 'incomplete', `Sealed as ${seal.state}: the end of the session is missing.`);
}

function checkAnchors(
  wanted: ReadonlyMap<number, string>,
  hashes: ReadonlyMap<number, string>,
  report: ReadReport,
  found: Findings,
): void {
  for (const [frame, hash] of wanted) {
    const here = hashes.get(frame);
    if (here === undefined) {
      note(
        found,
        'tampered',
        `The audit log knows frame ${frame}; the recording ends with frame ${report.frames - 1}.`,
      );
    } else if (here !== hash) {
      note(found, 'tampered', `Frame ${frame} is not the one that the audit log knows.`);
    }
  }
}

const ORDER: readonly VerificationKind[] = ['complete', 'incomplete', 'tampered'];
const EXIT_CODES = { complete: 0, incomplete: 2, tampered: 3 } as const;

function note(found: Findings, kind: VerificationKind, text: string): void {
  found.texts.push(text);
  if (ORDER.indexOf(kind) > ORDER.indexOf(found.kind)) found.kind = kind;
}

function conclude(found: Findings, report: ReadReport | null): RecordingVerification {
  return { kind: found.kind, exitCode: EXIT_CODES[found.kind], report, findings: found.texts };
}

/** The result as lines for people. */
export function describeRecording(result: RecordingVerification): string {
  const frames = result.report === null ? '' : `: ${result.report.frames} frames, chain ${chainWord(result.report)}`;
  return [`${result.kind}${frames}.`, ...result.findings].join('\n');
}

function chainWord(report: ReadReport): string {
  return report.reason === null ? 'unbroken' : 'broken off';
}
