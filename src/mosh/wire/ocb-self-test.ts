/**
 * Whether this build of Node and OpenSSL can do what Mosh needs. FIPS builds have no OCB. Run once before the
 * first key is made; when it fails there is no Mosh, and SSH goes on.
 */
import { describeFailure } from '../../base/heldline-error.ts';
import { openOcb, sealOcb } from './ocb.ts';

/** RFC 7253 appendix A: key 00..0F, empty associated data. */
const KEY = Buffer.from('000102030405060708090A0B0C0D0E0F', 'hex');
const VECTORS = [
  { nonce: 'BBAA99887766554433221100', plaintext: '', sealed: '785407BFFFC8AD9EDCC5520AC9111EE6' },
  {
    nonce: 'BBAA99887766554433221103',
    plaintext: '0001020304050607',
    sealed: '45DD69F8F5AAE72414054CD1F35D82760B2CD00D2F99BFA9',
  },
] as const;

/** What is tested; another one in tests of the test. */
interface Ocb {
  readonly seal: typeof sealOcb;
  readonly open: typeof openOcb;
}

/** null when all is well, else why Mosh cannot be offered. Never throws. */
export function ocbFault(ocb: Ocb = { seal: sealOcb, open: openOcb }): string | null {
  try {
    return VECTORS.every((vector) => holds(vector, ocb)) && refusesForgery(ocb)
      ? null
      : 'AES-128-OCB gives wrong results in this build of Node.js';
  } catch (failure) {
    return `this build of Node.js has no AES-128-OCB: ${describeFailure(failure)}`;
  }
}

function holds(vector: (typeof VECTORS)[number], { seal, open }: Ocb): boolean {
  const [nonce, plaintext, sealed] = [vector.nonce, vector.plaintext, vector.sealed].map((hex) =>
    Buffer.from(hex, 'hex'),
  );
  if (nonce === undefined || plaintext === undefined || sealed === undefined) return false;
  return seal(KEY, nonce, plaintext).equals(sealed) && open(KEY, nonce, sealed)?.equals(plaintext) === true;
}

function refusesForgery({ seal, open }: Ocb): boolean {
  const nonce = Buffer.alloc(12);
  const sealed = seal(KEY, nonce, Buffer.from('round trip of more than one block'));
  const forged = Buffer.from(sealed);
  forged[0] = (forged[0] ?? 0) ^ 1;
  return open(KEY, nonce, sealed) !== undefined && open(KEY, nonce, forged) === undefined;
}
