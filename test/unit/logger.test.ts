import { expect, test } from 'vitest';
import { createLogger } from '../../src/logger.ts';

function logged(form: 'json' | 'text', level: 'debug' | 'info' = 'info') {
  const lines: string[] = [];
  const log = createLogger({ stream: { write: (line) => lines.push(line) }, form, level, fields: { set: 'cli:shop' } });
  return { log, lines };
}

test('JSON is one object a line, whatever the values are', () => {
  const { log, lines } = logged('json');
  log.info('a\nforged line\u001b[2J', { error: new Error('boom'), start: 12n, at2: undefined });
  expect(lines).toHaveLength(1);
  expect(lines[0]?.split('\n')).toHaveLength(2);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'info',
    message: 'a\nforged line\u001b[2J',
    set: 'cli:shop',
    error: 'boom',
    start: '12',
  });
});

test('text escapes what could forge a line', () => {
  const { log, lines } = logged('text');
  log.warn('a\nb\u001b[2J', { name: 'x\u202e' });
  expect(lines).toEqual(['warn: a\\u000ab\\u001b[2J set=cli:shop name=x\\u202e\n']);
});

test('what is below the level is not written; a child carries its fields', () => {
  const { log, lines } = logged('text');
  log.debug('quiet');
  log.child({ id: 1 }).info('said');
  expect(lines).toEqual(['said set=cli:shop id=1\n']);
});
