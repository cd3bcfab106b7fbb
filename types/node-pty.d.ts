/**
 * The package is installed under the name `node-pty` (see docs/adr/0002-toolchain.md), but its types declare
 * the name it was published under.
 */
/// <reference path="../node_modules/node-pty/node-pty.d.ts" />

declare module 'node-pty' {
  export * from '@lydell/node-pty';
}

declare module '@lydell/node-pty' {
  interface IPty {
    /** Bytes go to the pty as they are; the package does this too, but its types say text only. */
    write(data: Uint8Array): void;
  }
}
