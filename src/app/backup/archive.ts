/**
 * The file of a backup: one JSON object a line. A header, then pieces of files (`path`, base64), then an end with
 * the SHA-256 of everything before it, so that half a backup is noticed before anything is touched.
 */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import { describeFailure, HeldlineError } from '../../base/heldline-error.ts';

export interface ArchiveHeader {
  readonly created_at: string;
  /** Of the program that wrote it. */
  readonly version: string;
}

/** A piece of a file; several with one path follow each other. */
export interface ArchivePiece {
  readonly path: string;
  readonly data: Buffer;
}

const FORMAT = 1;
/** Bytes of one piece. */
const PIECE = 384 * 1024;

const HEADER = z.object({ heldline_backup: z.literal(FORMAT), created_at: z.string(), version: z.string() });
const PIECE_LINE = z.strictObject({
  path: z.string().regex(/^(?:config|policy|store|keys|policies|audit)\/[A-Za-z0-9][A-Za-z0-9._-]*$/),
  data: z.base64(),
});
const END = z.strictObject({ end: z.literal(true), sha256: z.string() });

/** Writes an archive that nobody else can read. */
export class ArchiveWriter {
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash('sha256');

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @throws HeldlineError `backup.file` when the file is there already or cannot be written */
  static async create(path: string, header: ArchiveHeader): Promise<ArchiveWriter> {
    try {
      const writer = new ArchiveWriter(await open(path, 'wx', 0o600));
      await writer.#line({ heldline_backup: FORMAT, ...header });
      return writer;
    } catch (cause) {
      throw new HeldlineError('backup.file', `cannot write ${path}: ${describeFailure(cause)}`, { cause });
    }
  }

  async add(path: string, content: Uint8Array): Promise<void> {
    for (let from = 0; from === 0 || from < content.length; from += PIECE) {
      await this.#line({ path, data: Buffer.from(content.subarray(from, from + PIECE)).toString('base64') });
    }
  }

  /** Durable when resolved. */
  async finish(): Promise<void> {
    await this.#file.write(`${JSON.stringify({ end: true, sha256: this.#hash.digest('hex') })}\n`);
    await this.#file.sync();
    await this.#file.close();
  }

  async #line(value: Readonly<Record<string, unknown>>): Promise<void> {
    const line = `${JSON.stringify(value)}\n`;
    this.#hash.update(line);
    await this.#file.write(line);
  }
}

/** Checks the whole file. @throws HeldlineError `backup.damaged` (kind check-failed) */
export async function checkArchive(path: string): Promise<ArchiveHeader> {
  const hash = createHash('sha256');
  let header: ArchiveHeader | null = null;
  let end: string | null = null;
  for await (const line of linesOf(path)) {
    if (end !== null) throw damaged(path, 'something follows its end');
    const value = parse(path, line);
    end = END.safeParse(value).data?.sha256 ?? null;
    if (end !== null) continue;
    if (header === null) header = checked(path, HEADER, value);
    else checked(path, PIECE_LINE, value);
    hash.update(`${line}\n`);
  }
  if (header === null || end === null) throw damaged(path, 'its end is missing');
  if (end !== hash.digest('hex')) throw damaged(path, 'its checksum is wrong');
  return header;
}

/** The pieces of a checked archive, in order. */
export async function* readArchive(path: string): AsyncGenerator<ArchivePiece> {
  for await (const line of linesOf(path)) {
    const piece = PIECE_LINE.safeParse(parse(path, line));
    if (piece.success) yield { path: piece.data.path, data: Buffer.from(piece.data.data, 'base64') };
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = await open(path).catch((cause: unknown) => {
    throw new HeldlineError('backup.file', `cannot read ${path}: ${describeFailure(cause)}`, {
      cause,
      kind: 'not-found',
    });
  });
  try {
    yield* file.readLines();
  } finally {
    await file.close();
  }
}

function parse(path: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw damaged(path, 'a line of it is not JSON');
  }
}

function checked<T>(path: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw damaged(path, 'a line of it is not what a backup has');
}

function damaged(path: string, why: string): HeldlineError {
  return new HeldlineError('backup.damaged', `${path} is no whole backup: ${why}; nothing was changed`, {
    kind: 'check-failed',
  });
}
