import { parseCidr } from '../model/address.ts';
import type { EngineConfigFields } from '../model/generated/manifests.ts';
import { type Diagnostic, hasErrors, type Report, sortDiagnostics, toDiagnostic } from './diagnostic.ts';
import { defaultEngineConfig, type EngineConfig } from './engine-defaults.ts';
import { parseText } from './parse.ts';
import { decode } from './source.ts';
import { offsetOf, type TreeNode } from './tree.ts';
import { checkDocument } from './validate.ts';
import { parseDuration, parseShare, suggestDuration } from './values.ts';

/** Shortest pause between full looks: below it the engine would only look. */
const minReconcileMs = 1000;

/** Reads the engine's configuration file: one EngineConfig named `engine`. With an error in it the defaults come back beside the diagnostics; the caller refuses to start. */
export function loadEngineConfig(
  text: string | Uint8Array,
  file: string,
): { readonly config: EngineConfig; readonly diagnostics: readonly Diagnostic[] } {
  const { source, findings } = decode(file, text);
  const diagnostics = findings.map((finding) => toDiagnostic(source, finding));
  if (diagnostics.length > 0) return { config: defaultEngineConfig, diagnostics };
  const report: Report = (finding) => diagnostics.push(toDiagnostic(source, finding));
  const parsed = parseText(source);
  for (const finding of parsed.findings) report(finding);
  const [first, second] = parsed.documents;
  if (second !== undefined)
    report({ code: 'SCH022', offset: second.root.offset, message: 'one EngineConfig a file', hint: 'put all fields into one' });
  const config = first === undefined || first.broken ? defaultEngineConfig : readConfig(first.root, report);
  return { config: hasErrors(diagnostics) ? defaultEngineConfig : config, diagnostics: sortDiagnostics(diagnostics) };
}

function readConfig(root: TreeNode, report: Report): EngineConfig {
  const document = checkDocument(root, 'default', 'engine', report);
  if (document === null) return defaultEngineConfig;
  if (document.name !== 'engine') {
    const offset = offsetOf(root, ['metadata', 'name']);
    report({
      code: 'SCH012',
      offset,
      message: `an EngineConfig is named "engine", found ${JSON.stringify(document.name)}`,
      hint: 'engine',
    });
  }
  const spec = document.spec as EngineConfigFields;
  return {
    prefix: readPrefix(root, spec.prefix, report),
    reconcileMs: readInterval(root, spec.reconcile?.interval, report),
    pools: readPools(root, spec.pools, report),
    gc: readGc(root, spec.gc, report),
  };
}

/** Link names have 15 characters (IFNAMSIZ); the rest of them is the engine's. */
function readPrefix(root: TreeNode, prefix: string | undefined, report: Report): string {
  if (prefix === undefined || /^[a-z][a-z0-9]{0,7}$/.test(prefix)) return prefix ?? defaultEngineConfig.prefix;
  const message = `prefix ${JSON.stringify(prefix)} must have one to eight of a-z and 0-9, a letter first`;
  report({ code: 'SCH012', offset: offsetOf(root, ['spec', 'prefix']), message });
  return prefix;
}

function readInterval(root: TreeNode, value: string | number | undefined, report: Report): number {
  const path = ['spec', 'reconcile', 'interval'];
  const ms = readDuration(root, path, value, report) ?? defaultEngineConfig.reconcileMs;
  if (ms < minReconcileMs)
    report({ code: 'SCH004', offset: offsetOf(root, path), message: `spec.reconcile.interval must be at least 1s, found ${value}` });
  return ms;
}

function readGc(root: TreeNode, gc: EngineConfigFields['gc'], report: Report): EngineConfig['gc'] {
  const { gc: defaults } = defaultEngineConfig;
  const high = readShare(root, ['spec', 'gc', 'high'], gc?.high, report) ?? defaults.high;
  const low = readShare(root, ['spec', 'gc', 'low'], gc?.low, report) ?? Math.min(defaults.low, high);
  if (low > high)
    report({ code: 'SCH004', offset: offsetOf(root, ['spec', 'gc', 'low']), message: 'spec.gc.low must not be above spec.gc.high' });
  return {
    high,
    low,
    minAgeMs: readDuration(root, ['spec', 'gc', 'minAge'], gc?.minAge, report) ?? defaults.minAgeMs,
    keepRevisions: gc?.keepRevisions ?? defaults.keepRevisions,
  };
}

/** Null: not given, or no share. */
function readShare(root: TreeNode, path: readonly string[], value: string | number | undefined, report: Report): number | null {
  if (value === undefined) return null;
  const share = parseShare(value);
  if (share === null) {
    const message = `${path.at(-1)} ${JSON.stringify(value)} is not a share of the disk`;
    report({ code: 'SCH004', offset: offsetOf(root, path), message, hint: 'e.g. 85%' });
  }
  return share;
}

/** Null: not given, or no duration. */
function readDuration(root: TreeNode, path: readonly string[], value: string | number | undefined, report: Report): number | null {
  if (value === undefined) return null;
  const ms = parseDuration(value);
  if (ms === null) {
    const message = `${path.at(-1)} ${JSON.stringify(value)} is not a duration`;
    report({ code: 'SCH032', offset: offsetOf(root, path), message, hint: suggestDuration(String(value)) ?? '30s' });
  }
  return ms;
}

function readPools(root: TreeNode, pools: EngineConfigFields['pools'], report: Report): EngineConfig['pools'] {
  for (const [index, pool] of (pools ?? []).entries()) {
    const offset = offsetOf(root, ['spec', 'pools', index, 'cidr']);
    const parsed = parseCidr(pool.cidr);
    if (parsed === null)
      report({
        code: 'NET004',
        offset,
        message: `cidr ${JSON.stringify(pool.cidr)} is not an IPv4 network in CIDR form`,
        hint: 'e.g. 10.88.0.0/14',
      });
    else if (parsed.hostBits) report({ code: 'NET002', offset, message: `${pool.cidr} has host bits set` });
    else if (pool.block < parsed.cidr.prefix)
      report({ code: 'NET006', offset, message: `a block of /${pool.block} does not fit into ${pool.cidr}` });
  }
  return pools ?? defaultEngineConfig.pools;
}
