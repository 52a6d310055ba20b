export interface TarEntry {
  readonly name: string;
  readonly type?: 'file' | 'directory' | 'symlink' | 'hardlink' | 'fifo' | 'char';
  readonly content?: string | Uint8Array;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly link?: string;
  readonly major?: number;
  readonly minor?: number;
}

export function tar(entries: readonly TarEntry[]): Buffer;

export interface ImageInput {
  readonly tag: string;
  readonly layers: readonly Uint8Array[];
  readonly config?: Readonly<Record<string, unknown>>;
  readonly architecture?: string;
  readonly compress?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function addImage(directory: string, image: ImageInput): { manifest: string; config: string };
