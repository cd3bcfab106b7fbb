/**
 * The package is installed under the name `node-pty` (see docs/adr/0002-toolchain.md), but its types declare
 * the name it was published under.
 */
/// <reference path="../node_modules/node-pty/node-pty.d.ts" />

declare module 'node-pty' {
  export * from '@lydell/node-pty';
}
