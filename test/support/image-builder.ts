import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** One member of a layer, in the order given. Names and types are written as they are, also hostile ones. */
export interface TarEntry {
  readonly name: string;
  readonly type?: 'file' | 'directory' | 'symlink' | 'hardlink' | 'fifo' | 'char';
  readonly content?: string | Uint8Array;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export interface LayerPlan {
  readonly entries: readonly TarEntry[];
  readonly compression?: 'gzip' | 'none';
}

export interface ImagePlan {
  /** Tag or `repository:tag` in index.json. */
  readonly name: string;
  readonly layers: readonly LayerPlan[];
  /** Fields of `config.config`. */
  readonly run?: Readonly<Record<string, unknown>>;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
}

export interface BuiltBlob {
  readonly digest: `sha256:${string}`;
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

export interface BuiltImage {
  readonly name: string;
  readonly manifest: BuiltBlob;
  readonly config: BuiltBlob;
  readonly layers: readonly (BuiltBlob & { readonly diffId: `sha256:${string}` })[];
}

export const hostArchitecture = process.arch === 'x64' ? 'amd64' : process.arch;

/** One image, in memory. */
export function buildImage(plan: ImagePlan): BuiltImage {
  const layers = plan.layers.map((layer) => {
    const tar = makeTar(layer.entries);
    const plain = layer.compression === 'none';
    const bytes = plain ? tar : gzipSync(tar, { level: 6 });
    return { ...toBlob(bytes, `application/vnd.oci.image.layer.v1.tar${plain ? '' : '+gzip'}`), diffId: sha256(tar) };
  });
  const platform = plan.platform ?? { os: 'linux', architecture: hostArchitecture };
  const config = toBlob(
    Buffer.from(
      JSON.stringify({ ...platform, config: plan.run ?? {}, rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) } }),
    ),
    'application/vnd.oci.image.config.v1+json',
  );
  const manifest = toBlob(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: descriptor(config),
        layers: layers.map(descriptor),
      }),
    ),
    'application/vnd.oci.image.manifest.v1+json',
  );
  return { name: plan.name, manifest, config, layers };
}

/** An OCI layout with these images below `directory`, which is made. */
export function buildLayout(directory: string, plans: readonly ImagePlan[]): readonly BuiltImage[] {
  const images = plans.map(buildImage);
  writeLayout(directory, images);
  return images;
}

export function writeLayout(directory: string, images: readonly BuiltImage[]): void {
  mkdirSync(join(directory, 'blobs', 'sha256'), { recursive: true });
  for (const image of images) {
    for (const blob of [image.manifest, image.config, ...image.layers])
      writeFileSync(join(directory, 'blobs', 'sha256', blob.digest.slice(7)), blob.bytes);
  }
  const manifests = images.map((image) => ({
    ...descriptor(image.manifest),
    annotations: { 'org.opencontainers.image.ref.name': image.name },
  }));
  writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    join(directory, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }),
  );
}

export function descriptor(blob: BuiltBlob): { readonly mediaType: string; readonly digest: string; readonly size: number } {
  return { mediaType: blob.mediaType, digest: blob.digest, size: blob.size };
}

export function toBlob(bytes: Uint8Array, mediaType: string): BuiltBlob {
  return { digest: sha256(bytes), size: bytes.byteLength, bytes, mediaType };
}

export function sha256(bytes: Uint8Array): `sha256:${string}` {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

const typeFlags = { file: '0', hardlink: '1', symlink: '2', char: '3', directory: '5', fifo: '6' } as const;

/** A ustar archive; names over 100 bytes go into a PAX header. */
export function makeTar(entries: readonly TarEntry[]): Buffer {
  const parts: Buffer[] = [];
  for (const entry of entries) {
    const content = entry.type === undefined || entry.type === 'file' ? Buffer.from(entry.content ?? '') : Buffer.alloc(0);
    if (Buffer.byteLength(entry.name) > 100) {
      const record = paxRecord('path', entry.name);
      parts.push(header({ name: 'pax', type: 'x', size: record.length, mode: 0o644, uid: 0, gid: 0, link: '' }), pad(record));
    }
    const type = typeFlags[entry.type ?? 'file'];
    const mode = entry.mode ?? (entry.type === 'directory' ? 0o755 : 0o644);
    parts.push(
      header({ name: entry.name, type, size: content.length, mode, uid: entry.uid ?? 0, gid: entry.gid ?? 0, link: entry.link ?? '' }),
      pad(content),
    );
  }
  parts.push(Buffer.alloc(1024));
  return Buffer.concat(parts);
}

function paxRecord(key: string, value: string): Buffer {
  const body = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(body);
  while (String(length).length + Buffer.byteLength(body) !== length) length = String(length).length + Buffer.byteLength(body);
  return Buffer.from(`${length}${body}`);
}

function header(fields: { name: string; type: string; size: number; mode: number; uid: number; gid: number; link: string }): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number): void =>
    void block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  block.write(fields.name, 0, 100, 'utf8');
  octal(fields.mode, 100, 8);
  octal(fields.uid, 108, 8);
  octal(fields.gid, 116, 8);
  octal(fields.size, 124, 12);
  octal(1_700_000_000, 136, 12);
  block.write('        ', 148, 'latin1');
  block.write(fields.type, 156, 'latin1');
  block.write(fields.link, 157, 100, 'utf8');
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function pad(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
