import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** Its own certificate, PEM. */
  readonly ca: string;
  /** A certificate for these names, the first of which is its subject. Serves as that of a client as well. */
  issue(...names: readonly string[]): Certificate;
  close(): void;
}

/** A certificate authority of its own, made with openssl. */
export function createAuthority(name = 'test authority'): Authority {
  const directory = mkdtempSync(join(tmpdir(), 'tsdock-ca-'));
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
  const read = (file: string) => readFileSync(join(directory, file), 'utf8');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', `/CN=${name}`);
  return {
    ca: read('ca.crt'),
    issue: (...names) => {
      const alternatives = names.map((one) => (/^[\d.:]+$/.test(one) ? `IP:${one}` : `DNS:${one}`)).join(',');
      writeFileSync(join(directory, 'names'), `subjectAltName=${alternatives}\n`);
      openssl('req', ...key, '-keyout', 'one.key', '-out', 'one.csr', '-subj', `/CN=${names[0]}`);
      openssl(
        'x509',
        '-req',
        '-in',
        'one.csr',
        '-CA',
        'ca.crt',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-days',
        '1',
        '-extfile',
        'names',
        '-out',
        'one.crt',
      );
      return { cert: read('one.crt'), key: read('one.key') };
    },
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}
