/**
 * An image that no tool has seen before, of the same size and cost each time: a small tar of its own stands before the same compressed bytes of each layer, as a gzip member (RFC 1952) or zstd frame
 * (RFC 8878) of its own. So all digests and diff ids differ, and nothing has to be compressed again.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tar } from '../../scripts/lib/oci-layout.mjs';

const compressors = { gzip: ['gzip', '-6', '-c'], zstd: ['zstd', '-q', '-3', '-c'] };
const endBlocks = 1024;

/** Compressed files of `tars`, made once beside them. */
export function compressed(tars, format) {
  const [program, ...args] = compressors[format];
  return tars.map((path) => {
    const made = `${path}.${format}`;
    if (!existsSync(made)) {
      writeFileSync(`${made}.new`, execFileSync(program, args, { input: readFileSync(path), maxBuffer: 2 ** 31 - 1 }));
      renameSync(`${made}.new`, made);
    }
    return made;
  });
}

/** Layer files of one variant below `directory`, and their descriptors. */
export function variantLayers(tars, format, name, directory) {
  const [program, ...args] = compressors[format];
  return compressed(tars, format).map((path, index) => {
    const entry = tar([{ name: `variant-${index}`, content: `${name}\n` }]).subarray(0, -endBlocks);
    const bytes = Buffer.concat([execFileSync(program, args, { input: entry }), readFileSync(path)]);
    const file = join(directory, `${name}-${index}`);
    writeFileSync(file, bytes);
    return {
      file,
      digest: sha256(bytes),
      size: bytes.length,
      diffId: `sha256:${createHash('sha256').update(entry).update(readFileSync(tars[index])).digest('hex')}`,
    };
  });
}

/** Puts an image of these layers into the registry at `base` as `repository:tag`. */
export async function push(base, repository, tag, layers, format) {
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const rootfs = { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) };
  const config = Buffer.from(
    JSON.stringify({ architecture, os: 'linux', config: { Cmd: ['true'], Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'] }, rootfs }),
  );
  for (const layer of layers) await upload(base, repository, layer.digest, readFileSync(layer.file));
  await upload(base, repository, sha256(config), config);
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: config.length },
    layers: layers.map(({ digest, size }) => ({ mediaType: `application/vnd.oci.image.layer.v1.tar+${format}`, digest, size })),
  };
  await must(`${base}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': manifestType },
    body: JSON.stringify(manifest),
  });
}

async function upload(base, repository, digest, bytes) {
  const begun = await must(`${base}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  const place = new URL(begun.headers.get('location'), base);
  place.searchParams.set('digest', digest);
  await must(place, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: bytes });
}

async function must(url, options) {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`${options.method} ${url} answered ${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
  return response;
}

function sha256(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
