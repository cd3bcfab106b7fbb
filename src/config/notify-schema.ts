/** The key `notify` of heldline.yaml: who is told of held commands. Secrets are in files that it names. */
import { z } from 'zod';
import { strictObject } from '../base/strict-object.ts';
import { isName } from '../model/names.ts';
import { durationText } from './units.ts';

/** What a receiver wants to hear, the same for every form. */
interface WantsFile {
  readonly events?: readonly ('asked' | 'decided')[] | undefined;
  readonly asks?: readonly string[] | undefined;
  readonly targets?: readonly string[] | undefined;
  readonly labels?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly severity?: 'info' | 'low' | 'medium' | 'high' | 'critical' | undefined;
  readonly own?: boolean | undefined;
  readonly command?: 'full' | 'first-word' | 'none' | undefined;
}

/** The URL is a credential. */
interface ChatFile extends WantsFile {
  readonly form: 'slack' | 'mattermost' | 'teams' | 'discord';
  readonly url_file: string;
  readonly secret_file?: string | undefined;
}

interface WebhookFile extends WantsFile {
  readonly form: 'json';
  readonly url?: string | undefined;
  readonly url_file?: string | undefined;
  readonly secret_file: string;
}

interface NtfyFile extends WantsFile {
  readonly form: 'ntfy';
  readonly url?: string | undefined;
  readonly url_file?: string | undefined;
  readonly token_file?: string | undefined;
}

interface MailFile extends WantsFile {
  readonly form: 'mail';
  readonly from: string;
  readonly to: string | readonly string[];
  readonly sendmail?: string | undefined;
}

export type ReceiverFile = ChatFile | WebhookFile | NtfyFile | MailFile;

export interface NotifyFile {
  readonly command?: 'full' | 'first-word' | 'none' | undefined;
  readonly give_up?: string | undefined;
  readonly receivers?: Readonly<Record<string, ReceiverFile>> | undefined;
}

const name = z.string().refine(isName, 'expected a name: small letters, digits, _ . - (at most 32)');
const path = z.string().min(1);
const shows = z.enum(['full', 'first-word', 'none']);
const pattern = z.string().regex(/^[a-z0-9_.*-]{1,64}$/, 'expected a name of a target, * for any letters');
const mailbox = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/,
    'expected an address such as ops@example.com',
  );
const program = z.string().regex(/^\/[^\0]+$/, 'expected the absolute path of a program');

/** The reason why a URL cannot be posted to, or null. */
export function urlObjection(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return 'expected a URL such as https://host.example/path';
  }
  if (url.username !== '' || url.password !== '') return 'a URL must not hold a name or a password';
  if (url.hash !== '') return 'a URL to post to has no #';
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) return 'use https: only this machine is told in the clear';
  return null;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d+){3}$/.test(host);
}

const url = z.string().superRefine((text, context) => {
  const objection = urlObjection(text);
  if (objection !== null) context.addIssue({ code: 'custom', message: objection });
});

const wants = {
  events: z
    .array(z.enum(['asked', 'decided']))
    .min(1)
    .optional(),
  asks: z.array(name).min(1).optional(),
  targets: z.array(pattern).min(1).optional(),
  labels: z.record(z.string().min(1), z.union([z.string(), z.array(z.string()).min(1)])).optional(),
  severity: z.enum(['info', 'low', 'medium', 'high', 'critical']).optional(),
  own: z.boolean().optional(),
  command: shows.optional(),
};

const chat = <Form extends ChatFile['form']>(form: Form) =>
  strictObject({ form: z.literal(form), url_file: path, secret_file: path.optional(), ...wants });

const oneUrl = { url: url.optional(), url_file: path.optional() };

function needsOneUrl(
  receiver: { readonly url?: string | undefined; readonly url_file?: string | undefined },
  context: z.core.$RefinementCtx,
): void {
  if ((receiver.url === undefined) === (receiver.url_file === undefined)) {
    context.addIssue({ code: 'custom', message: 'needs either url or url_file' });
  }
}

const receiver: z.ZodType<ReceiverFile> = z.discriminatedUnion(
  'form',
  [
    strictObject({ form: z.literal('json'), ...oneUrl, secret_file: path, ...wants }).superRefine(needsOneUrl),
    chat('slack'),
    chat('mattermost'),
    chat('teams'),
    chat('discord'),
    strictObject({ form: z.literal('ntfy'), ...oneUrl, token_file: path.optional(), ...wants }).superRefine(
      needsOneUrl,
    ),
    strictObject({
      form: z.literal('mail'),
      from: mailbox,
      to: z.union([mailbox, z.array(mailbox).min(1)], { error: 'expected an address or a list of them' }),
      sendmail: program.optional(),
      ...wants,
    }),
  ],
  { error: 'allowed: json, slack, mattermost, teams, discord, ntfy, mail' },
);

export const notifySchema: z.ZodType<NotifyFile> = strictObject({
  command: shows.optional(),
  give_up: durationText.optional(),
  receivers: z.record(name, receiver).optional(),
});
