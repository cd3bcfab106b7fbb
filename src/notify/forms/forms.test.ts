/** Whatever people type, it reaches a receiver as text and as nothing else, whole or cut. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { draft, requirement, stage } from '../../../test/support/desk-world.ts';
import { requestFrom } from '../../approval/hold-draft.ts';
import type { HeldRequest } from '../../approval/ports.ts';
import { visible } from '../../base/visible.ts';
import { type Letter, type RequestEntry, requestLetter, trialLetter } from '../letter.ts';
import type { MailWay, Shows } from '../receiver.ts';
import { HTTP_FORMS } from './http-forms.ts';
import { mailForm } from './mail.ts';

const NOW = Date.UTC(2026, 10, 20, 10, 0, 0);
const MAIL: MailWay = { kind: 'mail', program: '/bin/true', from: 'heldline@example.com', to: ['ops@example.com'] };
const SENDER = { words: '-p 2222 bastion.example.com', url: null, logHead: () => ({ seq: 41, hash: 'ab' }) };

const HOSTILE = [
  '<!channel>',
  '<!here|x>',
  '<@U123>',
  '<https://evil.example|https://bank.example>',
  '@everyone',
  '@channel',
  '@all',
  '@here',
  '<@&123>',
  '<at>bob</at>',
  '[approve](https://evil.example)',
  '![x](https://evil.example/p.png)',
  '```',
  '`',
  '**bold**',
  '~~~',
  '# title',
  '> quoted',
  '\n\n@all\n',
  '\r\nBcc: all@example.com\r\n\r\n',
  '\n.\n',
  '\u202e',
  '\u200b',
  '\u2066',
  '\x1b[2J',
  '\0',
  '\ud800',
  '{{DATE(2026-01-01)}}',
  '$\u007bx}',
  '&lt;!channel&gt;',
  '\\',
  '%0a',
  'a',
  ' ',
  '😀',
];

/** Text of everything that has a meaning somewhere, in any order and length. */
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 60 })
  .map((parts) => parts.join(''));

interface Foreign {
  readonly command: string;
  readonly reason: string;
  readonly why: string;
  readonly login: string;
}

const foreign: fc.Arbitrary<Foreign> = fc.record({ command: hostile, reason: hostile, why: hostile, login: hostile });

function held({ command, reason, why, login }: Foreign, changes: Partial<HeldRequest> = {}): HeldRequest {
  const base = draft(requirement([stage({ role: 'sre' })]));
  const request = requestFrom({ ...base, command, login, decision: { ...base.decision, why } }, 'boot', NOW);
  return { ...request, reason, ...changes };
}

function entry(request: HeldRequest): RequestEntry {
  const { uid } = request.statement;
  return { id: 'msg_0123456789abcdef', number: 1, receiver: 'ops', uid, news: { kind: 'asked' }, queuedAt: NOW };
}

function letter(text: Foreign, shows: Shows = 'full'): Letter {
  const request = held(text);
  return requestLetter(entry(request), request, shows, SENDER);
}

const plainly = (command: string): Foreign => ({ command, reason: '', why: 'It deletes.', login: 'root' });

/** Every string in a body that is shown to somebody. */
function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(strings);
}

function parsed(text: string): Record<string, unknown> {
  const value: Record<string, unknown> = JSON.parse(text);
  return value;
}

/** Nothing hidden but the line breaks between the lines of the letter. */
function isVisible(text: string): boolean {
  return text.split('\n').every((line) => visible(line) === line);
}

const CALLS = /@(?:everyone|here|channel|all)/i;

const property = (check: (text: Foreign) => void): void => fc.assert(fc.property(foreign, check), { numRuns: 300 });

describe('every form for HTTP', () => {
  test.each(Object.entries(HTTP_FORMS))('%s shows nothing hidden and has as many lines as the letter', (name, form) => {
    property((text) => {
      const whole = letter(text);
      const body = form(whole);
      const shown = name === 'ntfy' ? [body.text] : strings(parsed(body.text));
      expect(shown.every(isVisible)).toBe(true);
      const longest = Math.max(...shown.map((one) => one.split('\n').length));
      expect(longest).toBeLessThanOrEqual(whole.lines.length + 1);
    });
  });

  test.each(Object.keys(HTTP_FORMS).filter((name) => name !== 'json' && name !== 'ntfy'))('%s calls nobody', (name) => {
    const form = HTTP_FORMS[name as keyof typeof HTTP_FORMS];
    property((text) => {
      for (const shown of strings(parsed(form(letter(text)).text))) expect(shown).not.toMatch(CALLS);
    });
  });

  test.each(Object.entries(HTTP_FORMS))('%s says how to approve, and holds no link that does', (_name, form) => {
    const { text } = form(letter(plainly('rm -rf /srv')));
    expect(text.replaceAll('\\', '')).toMatch(/ssh -t -p 2222 bastion.example.com approve \w{4}/);
    expect(text.replace('http://adaptivecards.io/schemas/adaptive-card.json', '')).not.toMatch(/https?:/);
  });

  test.each(Object.entries(HTTP_FORMS))('%s has a trial letter', (_name, form) => {
    expect(form(trialLetter('msg_1', 'root', NOW)).text).toContain('root');
  });
});

test('slack: no control character of its own is left, and no entity is cut', () => {
  property((text) => {
    const { text: shown, ...flags } = parsed(HTTP_FORMS.slack(letter(text)).text);
    expect(shown).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
    expect(flags).toEqual({
      mrkdwn: false,
      parse: 'none',
      link_names: false,
      unfurl_links: false,
      unfurl_media: false,
    });
  });
});

test('mattermost: every line is code, and nothing is translated from Slack', () => {
  property((text) => {
    const shown = String(parsed(HTTP_FORMS.mattermost(letter(text)).text)['text']);
    expect(shown.split('\n').every((line) => line.startsWith('    '))).toBe(true);
    expect(shown).not.toMatch(/<\S/);
  });
});

test('teams: text runs only, no tag, no template, no entities', () => {
  property((text) => {
    const card = parsed(HTTP_FORMS.teams(letter(text)).text);
    expect(JSON.stringify(card)).not.toMatch(/"(?:msteams|entities|actions|TextBlock)"/);
    for (const shown of strings(card)) expect(shown).not.toMatch(/<\S|\{\{|\$\{/);
  });
});

test('discord: every sign has its backslash, and it is short enough', () => {
  property((text) => {
    const { content, allowed_mentions: mentions } = parsed(HTTP_FORMS.discord(letter(text)).text);
    const rest = String(content).replace(/\\[!-/:-@[-`{-~]|\.\.\.$/gm, '');
    expect(rest).not.toMatch(/[!-/:-@[-`{-~]/);
    expect(String(content).length).toBeLessThanOrEqual(2000);
    expect(mentions).toEqual({ parse: [] });
  });
});

test('ntfy: nothing foreign in a header, and short enough to be a message', () => {
  property((text) => {
    const { headers, text: shown } = HTTP_FORMS.ntfy(letter(text));
    expect(headers).toEqual({ priority: 'high', markdown: 'no' });
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(4096);
  });
});

test('mail: the header is ours, the body is text', () => {
  property((text) => {
    const [header = '', body = '', ...rest] = mailForm(letter(text), MAIL).split('\n\n');
    expect(rest).toEqual([]);
    expect(header.split('\n').map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      'From',
      'To',
      'Subject',
      'Date',
      'Message-ID',
      'Auto-Submitted',
      'MIME-Version',
      'Content-Type',
      'Content-Transfer-Encoding',
    ]);
    expect(header).toMatch(/^[ -~\n]*$/);
    expect(body).toMatch(/^(?:[A-Za-z0-9+/=]{1,76}\n)+$/);
    expect(isVisible(Buffer.from(body, 'base64').toString('utf8'))).toBe(true);
  });
});

test('a command arrives as it was typed where nothing in it is special', () => {
  for (const form of ['slack', 'mattermost', 'teams', 'ntfy'] as const) {
    expect(HTTP_FORMS[form](letter(plainly('systemctl stop postgresql'))).text).toContain('systemctl stop postgresql');
  }
  const { data } = parsed(HTTP_FORMS.json(letter(plainly('echo "a"'))).text) as { data: Record<string, unknown> };
  expect(data).toMatchObject({ command: 'echo "a"', user: 'alice', state: 'pending', log_head: { seq: 41 } });
});

test.each<[Shows, string, RegExp, RegExp]>([
  ['full', 'mysql -ps3cret shop', /mysql -pREDACTED shop/, /s3cret/],
  ['full', "export TOKEN='s3cret' && ls", /TOKEN=REDACTED/, /s3cret/],
  ['first-word', 'PGPASSWORD=s3cret psql -h db-of-ours', /Command: psql \.\.\./, /s3cret|PGPASSWORD|db-of-ours/],
  ['none', 'psql -h db-of-ours', /The command is not shown here/, /db-of-ours|said why/],
])('shown %s: %s', (shows, command, present, absent) => {
  const whole = letter({ ...plainly(command), reason: 'said why' }, shows);
  const text = HTTP_FORMS.ntfy(whole).text;
  expect(text).toMatch(present);
  expect(`${text}${HTTP_FORMS.json(whole).text}`).not.toMatch(absent);
});

test('what is cut ends in dots, after whole escapes', () => {
  const { text } = HTTP_FORMS.slack(letter(plainly('<'.repeat(5000))));
  expect(text).toMatch(/(?:&lt;){100,}\.\.\.\\n/);
  expect(HTTP_FORMS.json(letter(plainly('x'.repeat(200_000)))).text).toMatch(/x{8000,}\.\.\."/);
});

test('news that come late do not ask for what is over', () => {
  const request = held(plainly('reboot'), { state: 'expired', ending: 'nobody decided in time' });
  const { text } = HTTP_FORMS.ntfy(requestLetter(entry(request), request, 'full', SENDER));
  expect(text).toContain('alice waited on root@');
  expect(text).toContain('It is expired by now: there is nothing to decide.');
  expect(text).not.toContain('approve');
});

test('a decision names who made it', () => {
  const votes: HeldRequest['votes'] = [
    {
      approver: 'bob',
      verdict: 'deny',
      digest: held(plainly('reboot')).digest,
      factor: null,
      door: 'ssh',
      reason: 'wait @everyone',
      at: NOW,
      step: null,
      keyFingerprint: null,
    },
  ];
  const request = held(plainly('reboot'), { state: 'denied', ending: 'wait @everyone', votes });
  const news = { ...entry(request), news: { kind: 'decided', state: 'denied' } as const };
  const { text } = HTTP_FORMS.mattermost(requestLetter(news, request, 'full', SENDER));
  expect(text).toMatch(/\w{4}: denied by bob/);
  expect(text).toContain('Because: wait \\\\u0040everyone');
});

test('a link is there when people reach the bastion by HTTP, and it is one that only tells', () => {
  const request = held(plainly('reboot'));
  const { id } = request;
  const linked = requestLetter(entry(request), request, 'full', { ...SENDER, url: 'https://b.example' });
  const typed = `ssh -t ${SENDER.words} approve ${id}`;
  expect(HTTP_FORMS.ntfy(linked).text).toContain(`To decide: https://b.example/r/${id} or: ${typed}`);
  expect(HTTP_FORMS.slack(linked).text).toContain(`https://b.example/r/${id} or`);
  expect(JSON.parse(HTTP_FORMS.json(linked).text)).toMatchObject({ data: { link: `https://b.example/r/${id}` } });
  expect(HTTP_FORMS.ntfy(requestLetter(entry(request), request, 'full', SENDER)).text).toContain(`To decide: ${typed}`);
});
