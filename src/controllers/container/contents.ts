import { contentHashOf } from '../../model/content-hash.ts';
import type { ReasonCode } from '../../model/plan.ts';
import type { ContentHash, ResourceKey } from '../../model/resource.ts';
import { secretContent } from '../../model/secret.ts';
import type { FileAttributes, Mount } from '../../model/spec.ts';
import type { PlanView } from '../controller.ts';

export type ContentKey = ResourceKey<'Config'> | ResourceKey<'Secret'>;
export type ContentMount = Extract<Mount, { readonly type: 'config' | 'secret' }>;

export function isContent(mount: Mount): mount is ContentMount {
  return mount.type === 'config' || mount.type === 'secret';
}

/** Whose files a mount shows. */
export function sourceOfContent(mount: ContentMount): ContentKey {
  return mount.type === 'config' ? mount.config : mount.secret;
}

/** Content as it is desired; null while nobody desires it: what is mounted stays then. */
export type WantedContent =
  | { readonly is: 'known'; readonly hash: ContentHash }
  | { readonly is: 'unknown'; readonly code: ReasonCode; readonly message: string }
  | null;

/** Pure. */
export function wantedContent(mount: ContentMount, view: PlanView): WantedContent {
  if (mount.type === 'config') {
    const config = view.desired(mount.config);
    return config === null ? null : { is: 'known', hash: contentHashOf(config.spec.data, config.spec.binaryData) };
  }
  const secret = view.desired(mount.secret);
  return secret === null ? null : secretContent(secret, (key) => view.desired(key));
}

/** Directory of a content with the owner and mode a mount asks for: a copy beside the content itself, unless both are the usual ones. Pure. */
export function directoryFor(path: string, mount: ContentMount): string {
  if (isUsual(mount.files)) return path;
  const { uid, gid, mode } = attributesOf(mount);
  return `${path}.${uid}.${gid}.${mode.toString(8)}`;
}

/** Pure. */
export function attributesOf({ type, files }: ContentMount): { readonly uid: number; readonly gid: number; readonly mode: number } {
  return { uid: files.uid ?? 0, gid: files.gid ?? 0, mode: files.mode ?? (type === 'secret' ? 0o400 : 0o444) };
}

export function isUsual({ uid, gid, mode }: FileAttributes): boolean {
  return uid === null && gid === null && mode === null;
}
