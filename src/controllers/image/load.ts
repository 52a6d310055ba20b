import { TsdockError } from '../../model/errors.ts';
import type { ArchivedImage } from './archive.ts';
import type { RefRecord } from './refs.ts';
import { canonicalRef } from './source.ts';

/** An image of an archive with the reference it is to have here. */
export interface LoadPlan {
  readonly ref: string;
  readonly image: ArchivedImage;
}

/**
 * Under which references the images of an archive are known here: `as` for the only one, else the names that stand in the archive. A bare tag is no reference of anybody, so such
 * an image needs `as`. IMG002 otherwise. Pure.
 */
export function planLoad(path: string, images: readonly ArchivedImage[], as: string | null): readonly LoadPlan[] {
  const [first, ...more] = images;
  if (first === undefined) throw new TsdockError('IMG022', { message: `${path}: no images in it` });
  if (as !== null) {
    if (more.length > 0)
      throw new TsdockError('IMG002', {
        message: `${path} has ${images.length} images`,
        hint: 'load them under their own names, without --as',
      });
    return [{ ref: registryRef(as), image: first }];
  }
  return images.flatMap((image) => {
    const whole = image.names.filter(isWhole);
    if (whole.length > 0) return whole.map((name) => ({ ref: registryRef(name), image }));
    const name = image.names[0];
    throw new TsdockError('IMG002', {
      message: `${path} has an image ${name === undefined ? 'without a name' : `that is only called ${JSON.stringify(name.slice(0, 60))}`}`,
      hint: '--as NAME:TAG says how it is to be called',
    });
  });
}

/** `app:1` and `registry.example.com/app` are references; `1` and `latest` are tags that somebody gave in a layout. */
function isWhole(name: string): boolean {
  return /[:/]/.test(name);
}

/** A reference that names a repository; a path of this host would be read from there again later. */
export function registryRef(text: string): string {
  const ref = canonicalRef(text);
  if (/^(?:oci|oci-archive|docker-archive):/.test(ref))
    throw new TsdockError('IMG002', { message: `${JSON.stringify(text.slice(0, 60))} is a path, no name` });
  return ref;
}

/** A name that stands for something else here is not taken over silently: whoever wrote the archive chose it. IMG031. */
export function refuseTakeover(what: string, { ref }: Pick<LoadPlan, 'ref'>, known: RefRecord | null, configDigest: string): void {
  if (known === null || known.configDigest === configDigest) return;
  throw new TsdockError('IMG031', {
    message: `${what} is another image than the ${ref} that is here`,
    hint: '--replace lets the name stand for the new one',
  });
}
