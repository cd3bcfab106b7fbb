import { afterEach, describe, expect, test } from 'vitest';
import { describeMoment, readMoment } from './moment.ts';

const BERLIN = 'Europe/Berlin';
const zoneOfProcess = process.env['TZ'];

afterEach(() => {
  if (zoneOfProcess === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zoneOfProcess;
});

/** What `text` means, in UTC, or what is wrong with it. */
function read(text: string, zone: string | null): string {
  const reading = readMoment(text, zone);
  return reading.kind === 'moment' ? new Date(reading.at).toISOString() : reading.why;
}

describe('a time', () => {
  test.each([
    ['2026-11-20T10:00+01:00', null, '2026-11-20T09:00:00.000Z'],
    ['2026-11-20T10:00:30.5Z', null, '2026-11-20T10:00:30.500Z'],
    ['2026-11-20T10:00', BERLIN, '2026-11-20T09:00:00.000Z'],
    ['2026-07-20 10:00', BERLIN, '2026-07-20T08:00:00.000Z'],
    ['2026-11-20T10:00-08:00', BERLIN, '2026-11-20T18:00:00.000Z'],
    ['2026-11-20T00:30', 'Asia/Kolkata', '2026-11-19T19:00:00.000Z'],
    ['2026-10-25T01:59', BERLIN, '2026-10-24T23:59:00.000Z'],
    ['2026-10-25T03:00', BERLIN, '2026-10-25T02:00:00.000Z'],
  ])('%s in %s', (text, zone, expected) => {
    expect(read(text, zone)).toBe(expected);
  });

  test.each([
    ['2026-11-20T10:00', null, '"2026-11-20T10:00" has no offset; write 2026-11-20T10:00+01:00 or 2026-11-20T10:00Z'],
    ['2026-11-20', BERLIN, '"2026-11-20" has no time of day; write it as 2026-11-20T10:00+01:00'],
    ['noon', BERLIN, '"noon" is not a time; write it as 2026-11-20T10:00+01:00'],
    ['2026-02-30T10:00', BERLIN, '"2026-02-30T10:00" is on no calendar or clock'],
    ['2026-11-20T24:00', BERLIN, '"2026-11-20T24:00" is on no calendar or clock'],
    ['2026-11-20T10:00+25:00', null, '"2026-11-20T10:00+25:00" has an offset that is none'],
    ['2026-03-29T02:30', BERLIN, '"2026-03-29T02:30" is skipped by the clocks of Europe/Berlin'],
    ['2026-10-25T02:30', BERLIN, '"2026-10-25T02:30" comes twice in Europe/Berlin; write it with its offset'],
  ])('%s in %s is refused', (text, zone, why) => {
    expect(read(text, zone)).toContain(why);
  });

  test.each(['America/New_York', 'Asia/Tokyo'])('does not depend on the zone of the process: %s', (zone) => {
    process.env['TZ'] = zone;
    expect(read('2026-11-20T10:00', BERLIN)).toBe('2026-11-20T09:00:00.000Z');
    expect(read('2026-11-20T10:00', null)).toContain('has no offset');
  });

  test('is shown with its zone', () => {
    expect(describeMoment(Date.parse('2026-11-20T19:00:00Z'), BERLIN)).toBe('Fri 2026-11-20 20:00 Europe/Berlin');
    expect(describeMoment(Date.parse('2026-11-20T00:00:00Z'), 'UTC')).toBe('Fri 2026-11-20 00:00 UTC');
  });
});
