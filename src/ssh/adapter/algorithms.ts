/** What is offered in key exchange: no SHA-1, no CBC, no compression, no NIST curves towards users. */
import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2';

const MACS: Algorithms['hmac'] = ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'];
/**
 * The client's order decides, and OpenSSH names ChaCha20 first, which costs more CPU a byte here than AES-GCM does
 * (`npm run bench` tells how much). Who has no GCM gets CTR with encrypt-then-MAC.
 */
const USER_CIPHERS: Algorithms['cipher'] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes256-ctr',
];

/** Towards users. */
export const USER_ALGORITHMS: Algorithms = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'diffie-hellman-group16-sha512'],
  cipher: USER_CIPHERS,
  hmac: MACS,
  compress: ['none'],
};

/** Towards targets, which may be old; still nothing with SHA-1 or CBC. */
export const TARGET_ALGORITHMS: Algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group14-sha256',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes256-ctr',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
};

/** Families of host keys, in the order in which they are asked for. */
export const HOST_KEY_FAMILIES: readonly ServerHostKeyAlgorithm[][] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
];
