/**
 * Writes OCI image layouts (https://github.com/opencontainers/image-spec/blob/main/image-layout.md) from plain files: for the sample image of the quick start and
 * for the images of tests. Built-in modules only. Equal input gives equal bytes.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** One ustar header; name and link are at most 100 bytes. */
function header({ name, type = '0', mode = 0o644, uid = 0, gid = 0, size = 0, link = '', mtime = 0, major = 0, minor = 0 }) {
  const block = Buffer.alloc(512);
  const octal = (value, length) => `${value.toString(8).padStart(length - 1, '0')}\0`;
  block.write(name, 0, 100);
  block.write(octal(mode, 8), 100);
  block.write(octal(uid, 8), 108);
  block.write(octal(gid, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(mtime, 12), 136);
  block.write('        ', 148);
  block.write(type, 156);
  block.write(link, 157, 100);
  block.write('ustar\x0000', 257, 'latin1');
  block.write(octal(major, 8), 329);
  block.write(octal(minor, 8), 337);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/**
 * A tar archive of `entries`: `{ name, type: 'file'|'directory'|'symlink'|'hardlink'|'fifo'|'char', content, mode, uid, gid, link }` in the order given.
 */
export function tar(entries) {
  const flags = { file: '0', hardlink: '1', symlink: '2', char: '3', directory: '5', fifo: '6' };
  const parts = [];
  for (const entry of entries) {
    const type = entry.type ?? 'file';
    const content = type === 'file' ? Buffer.from(entry.content ?? '') : Buffer.alloc(0);
    const name = type === 'directory' && !entry.name.endsWith('/') ? `${entry.name}/` : entry.name;
    parts.push(header({ mode: type === 'directory' ? 0o755 : 0o644, ...entry, name, type: flags[type], size: content.length }), content);
    if (content.length % 512 !== 0) parts.push(Buffer.alloc(512 - (content.length % 512)));
  }
  parts.push(Buffer.alloc(1024));
  return Buffer.concat(parts);
}

/**
 * Adds an image to the layout in `directory` (made if absent) under `tag`. `layers` are uncompressed tar archives, `config` is the OCI image configuration's
 * `config` object. Returns the digests of manifest and config.
 */
export function addImage(
  directory,
  { tag, layers, config = {}, architecture = process.arch === 'arm64' ? 'arm64' : 'amd64', compress = true, annotations = {} },
) {
  const blobs = join(directory, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (bytes, mediaType) => {
    const hex = sha256(bytes);
    writeFileSync(join(blobs, hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const suffix = compress ? '+gzip' : '';
  const descriptors = layers.map((bytes) =>
    put(compress ? gzipSync(bytes, { level: 6 }) : bytes, `application/vnd.oci.image.layer.v1.tar${suffix}`),
  );
  const image = {
    architecture,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: layers.map((bytes) => `sha256:${sha256(bytes)}`) },
    history: layers.map((_, index) => ({ created: '1970-01-01T00:00:00Z', created_by: `layer ${index + 1}` })),
  };
  const configDescriptor = put(Buffer.from(JSON.stringify(image)), 'application/vnd.oci.image.config.v1+json');
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = { schemaVersion: 2, mediaType: manifestType, config: configDescriptor, layers: descriptors, annotations };
  const manifestDescriptor = put(Buffer.from(JSON.stringify(manifest)), manifestType);
  writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const indexFile = join(directory, 'index.json');
  const index = readIndex(indexFile);
  const kept = index.manifests.filter((entry) => entry.annotations?.['org.opencontainers.image.ref.name'] !== tag);
  const entry = {
    ...manifestDescriptor,
    platform: { architecture, os: 'linux' },
    annotations: { 'org.opencontainers.image.ref.name': tag },
  };
  writeFileSync(indexFile, JSON.stringify({ ...index, manifests: [...kept, entry] }));
  return { manifest: manifestDescriptor.digest, config: configDescriptor.digest };
}

function readIndex(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] };
  }
}
