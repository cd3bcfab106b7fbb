/** Memory and CPU time of running processes, as the kernel of Linux tells them. */
import { readdirSync, readFileSync } from 'node:fs';

const CLOCK_TICK_MS = 10;

/** Resident memory, bytes. */
export function residentMemory(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, 'VmRSS') * 1024;
}

/** Memory of a process and all its descendants, bytes; what several share is counted once among them. */
export function memoryOfTree(pid: number): number {
  return descendants(pid).reduce((sum, one) => sum + kilobytes(`/proc/${one}/smaps_rollup`, 'Pss') * 1024, 0);
}

/** CPU time that the process has used in all of its threads, ms. */
export function cpuTime(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
}

function descendants(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? Number(statOf(Number(name))[1]) : Number.NaN;
    if (Number.isFinite(parent)) parents.set(Number(name), parent);
  }
  const isBelow = (one: number | undefined): boolean => one !== undefined && (one === pid || isBelow(parents.get(one)));
  return [pid, ...[...parents].filter(([, parent]) => isBelow(parent)).map(([one]) => one)];
}

/** The fields of /proc/PID/stat from the state on; none when the process is gone. */
function statOf(pid: number): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function kilobytes(file: string, field: string): number {
  try {
    const line = readFileSync(file, 'latin1').match(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'));
    return Number(line?.[1] ?? 0);
  } catch {
    return 0;
  }
}
