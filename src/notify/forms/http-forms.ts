/** The registry of forms for HTTP: a new one is a file beside this one and a line here. */
import type { Letter } from '../letter.ts';
import type { HttpForm } from '../receiver.ts';
import { discordForm } from './discord.ts';
import type { HttpBody } from './form.ts';
import { jsonForm } from './json.ts';
import { mattermostForm } from './mattermost.ts';
import { ntfyForm } from './ntfy.ts';
import { slackForm } from './slack.ts';
import { teamsForm } from './teams.ts';

export const HTTP_FORMS: Readonly<Record<HttpForm, (letter: Letter) => HttpBody>> = {
  json: jsonForm,
  slack: slackForm,
  mattermost: mattermostForm,
  teams: teamsForm,
  discord: discordForm,
  ntfy: ntfyForm,
};
