import { spawn } from 'node:child_process';
import type { Credential, FoundCredential } from './credential.ts';

/** A program that asks somebody (a keyring, a cloud) gets this long; what it says is at most this much. */
const helperMs = 20_000;
const helperBytes = 64 * 1024;

/**
 * Asks `docker-credential-<name>`, found by PATH, for the login of the first of `servers` it knows. Nothing it prints goes into a message: it may be the secret. Aborted, it is
 * killed.
 */
export async function askHelper(name: string, servers: readonly string[], signal: AbortSignal): Promise<FoundCredential> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return { credential: null, note: 'the name of the credential program is none' };
  const program = `docker-credential-${name}`;
  for (const server of servers) {
    const said = await runHelper(program, server, signal);
    if (said.is === 'failed') return { credential: null, note: `${program} ${said.why}` };
    if (said.is === 'unknown') continue;
    const credential = parseAnswer(said.text, program);
    return credential === null ? { credential: null, note: `${program} answered without a login` } : { credential, note: null };
  }
  return { credential: null, note: null };
}

type Said = { readonly is: 'text'; readonly text: string } | { readonly is: 'unknown' } | { readonly is: 'failed'; readonly why: string };

function runHelper(program: string, server: string, signal: AbortSignal): Promise<Said> {
  return new Promise((resolve, reject) => {
    const bound = AbortSignal.timeout(helperMs);
    const child = spawn(program, ['get'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      signal: AbortSignal.any([signal, bound]),
      killSignal: 'SIGKILL',
    });
    let text = '';
    let tooMuch = false;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length <= helperBytes) return;
      tooMuch = true;
      child.kill('SIGKILL');
    });
    child.stdin.on('error', () => undefined); // it ended without reading: its exit code tells
    child.stdin.end(`${server}\n`);
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(signal.reason);
      else if (bound.aborted) resolve({ is: 'failed', why: `did not answer within ${helperMs / 1000} s` });
      else resolve({ is: 'failed', why: error.code === 'ENOENT' ? 'is not installed' : `cannot be run (${error.code})` });
    });
    child.on('close', (code) => {
      if (tooMuch) resolve({ is: 'failed', why: `answered more than ${helperBytes} bytes` });
      else if (code === 0) resolve({ is: 'text', text });
      else if (/credentials not found/i.test(text)) resolve({ is: 'unknown' });
      else resolve({ is: 'failed', why: `ended with ${code ?? 'a signal'}` });
    });
  });
}

/** `<token>` as the user stands for an identity token. */
function parseAnswer(text: string, source: string): Credential | null {
  try {
    const { Username: user, Secret: secret } = JSON.parse(text) as { Username?: unknown; Secret?: unknown };
    if (typeof user !== 'string' || typeof secret !== 'string' || secret === '') return null;
    if (user === '<token>') return { type: 'identity', user: '', token: secret, source };
    return user === '' ? null : { type: 'password', user, password: secret, source };
  } catch {
    return null; // SyntaxError: what it printed is not quoted
  }
}
