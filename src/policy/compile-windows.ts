/** The hours of the week that rules ask for, and the time zone that they and bare times are read in. */
import { didYouMean } from '../base/nearest-word.ts';
import { compileWindow, isTimeZone, type Window } from './conditions/window.ts';
import type { PolicySections } from './lint/collect.ts';
import { type FindingList, inside } from './lint/findings.ts';

/** `time_zone` of the settings; null when no file gives a zone that exists. */
export function timeZoneOf(sections: PolicySections): string | null {
  const zones = sections.files.map((file) => file.value.settings?.time_zone);
  return zones.find((zone) => zone !== undefined && isTimeZone(zone)) ?? null;
}

/** What is wrong with a name that is no time zone. */
export function unknownZone(zone: string): string {
  const known = Intl.supportedValuesOf('timeZone');
  const city = known.find((one) => one.toLowerCase().endsWith(`/${zone.toLowerCase()}`));
  const guess = city === undefined ? didYouMean(zone, known) : `; did you mean "${city}"?`;
  return `unknown time zone "${zone}"${guess === '' ? ';' : guess} write it as in Europe/Berlin or UTC`;
}

/** @param zone for windows that name none */
export function compileWindows(
  sections: PolicySections,
  zone: string,
  findings: FindingList,
): ReadonlyMap<string, Window> {
  const windows = new Map<string, Window>();
  for (const [name, { value, place }] of sections.windows) {
    const own = value.zone ?? zone;
    if (!isTimeZone(own)) findings.error(inside(place, 'zone'), unknownZone(own));
    else if (value.from === value.to)
      findings.error(inside(place, 'to'), 'a window must end at another time than it starts');
    else windows.set(name, compileWindow(name, value, own));
  }
  return windows;
}
