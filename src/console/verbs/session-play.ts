/** `session play`: a recording on the person's own terminal; without one, its text. */

import { parseDuration } from '../../base/duration.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { exportRecording } from '../../recording/export/export-recording.ts';
import type { PlayerTerminal } from '../../recording/player/full-screen.ts';
import { Player } from '../../recording/player/player.ts';
import type { RecordingFiles } from '../../recording/reader.ts';
import type { EvidenceServices } from '../services.ts';
import { namedRecording } from '../session-view.ts';
import { type EvidenceVerb, EXIT, type VerbContext, type VerbIo } from '../verb.ts';
import { text } from '../verb-values.ts';

const US_PER_MS = 1000;

export const sessionPlay: EvidenceVerb = {
  spec: {
    path: ['session', 'play'],
    summary: 'replay a session; ? shows the keys',
    arguments: [{ name: 'ID', help: 'the session, or a directory that holds its recording', required: true }],
    options: [
      { name: 'speed', value: 'N', help: '0.25 to 16 (default 1)' },
      { name: 'from', value: 'D', help: 'begin there: 90s, 14m' },
      { name: 'idle', value: 'D', help: 'longest pause that is shown (default 2s)' },
    ],
    examples: ['session play 01JD4Z8K', 'session play 01JD4Z8K --from 14m --speed 2'],
    audience: 'everybody',
  },
  run: async (context) => {
    const { files } = await namedRecording(context);
    return playFiles(context, files);
  },
};

/** Plays a recording that was found already. */
export async function playFiles(context: VerbContext<EvidenceServices>, files: RecordingFiles): Promise<number> {
  const { io, services } = context;
  const terminal = playerTerminal(io);
  if (terminal === null) {
    await exportRecording(files, 'txt', (part) => io.out(part));
    return EXIT.done;
  }
  const from = durationOption(context, 'from');
  const idle = durationOption(context, 'idle');
  const speed = text(context, 'speed');
  await Player.play({
    files,
    terminal,
    clock: services.clock,
    ...(from === undefined ? {} : { from: from * US_PER_MS }),
    ...(idle === undefined ? {} : { idle: idle * US_PER_MS }),
    ...(speed === undefined ? {} : { speed: speedOf(speed) }),
    signal: io.cancelled,
  });
  return EXIT.done;
}

/** A verb's terminal as the player wants it; null without one. */
export function playerTerminal(io: VerbIo): PlayerTerminal | null {
  const { keys } = io;
  if (keys === undefined) return null;
  return {
    get size() {
      return io.size;
    },
    out: (part) => io.out(part),
    keys: (onKeys, onResize) => keys(onKeys, onResize),
  };
}

function durationOption(context: VerbContext<EvidenceServices>, name: string): number | undefined {
  const given = text(context, name);
  if (given === undefined) return undefined;
  const ms = parseDuration(given);
  if (ms !== undefined) return ms;
  throw new HeldlineError('usage', `--${name} is "${given}"; write a duration such as 90s or 14m`, { kind: 'usage' });
}

function speedOf(given: string): number {
  const speed = Number(given);
  if (speed >= 0.25 && speed <= 16) return speed;
  throw new HeldlineError('usage', `--speed is "${given}"; it is a number from 0.25 to 16`, { kind: 'usage' });
}
