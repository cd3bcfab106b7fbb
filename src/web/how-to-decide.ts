/**
 * The page that links in messages lead to. It says how to decide, and nothing of the request: not even whether there
 * is one. Chats fetch every link that is posted, so a page that a link opens may neither decide nor reveal anything.
 */
import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';

const STYLE =
  'body{font:1.1em/1.5 sans-serif;max-width:40em;margin:2em auto;padding:0 1em}code{overflow-wrap:anywhere}';

/** What a Content-Security-Policy has to allow for the page: this style and nothing else. */
export const STYLE_SOURCE: string = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** @param id four characters of a short id @param bastion what people type behind `ssh` */
export function howToDecidePage(id: string, bastion: string): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Heldline</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<h1>Request ${id}</h1>
<p>This page decides nothing and shows nothing. Somebody asks for an approval; whether, what and by whom you see after you have signed in:</p>
<p><code>ssh -t ${bastion} approve ${id}</code></p>
<p><code>ssh -t ${bastion} approvals</code> shows all that waits for you.</p>
<p>Read the whole statement there, then give your own one-time code. To refuse: <code>ssh -t ${bastion} deny ${id}</code>.</p>
<p>Programs use the API: <a href="/v1/openapi.json">/v1/openapi.json</a>.</p>
</body>
</html>
`;
  return String(page);
}
