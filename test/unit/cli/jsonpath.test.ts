import { expect, test } from 'vitest';
import { renderJsonPath, renderTemplate } from '../../../src/cli/jsonpath.ts';
import { sortItems } from '../../../src/cli/sort.ts';

const data = {
  kind: 'List',
  items: [
    { metadata: { name: 'web', labels: { 'app.kubernetes.io/name': 'shop' } }, status: { phase: 'Ready', ports: [80, 443], ok: true } },
    { metadata: { name: 'db', labels: {} }, status: { phase: 'Failed', ports: [], ok: false } },
  ],
};

test.each([
  ['{.kind}', 'List'],
  ['.kind', 'List'],
  ['kind', 'List'],
  ['{$.kind}', 'List'],
  ['{.items[0].metadata.name}', 'web'],
  ['{.items[-1].metadata.name}', 'db'],
  ['{.items[*].metadata.name}', 'web db'],
  ['{.items[0].status.ports}', '[80,443]'],
  ['{.items[*].status.ports[*]}', '80 443'],
  ["{.items[0].metadata.labels['app.kubernetes.io/name']}", 'shop'],
  ['{.items[?(@.status.phase=="Ready")].metadata.name}', 'web'],
  ["{.items[?(@.status.phase != 'Ready')].metadata.name}", 'db'],
  ['{.items[?(@.status.ok==false)].metadata.name}', 'db'],
  ['{.items[5].metadata.name}', ''],
  ['{.items[0].absent.deeper}', ''],
  ['{.items[0].metadata.name}: {.items[0].status.phase}{"\\n"}', 'web: Ready\n'],
])('jsonpath %s gives %j', (expression, text) => {
  expect(renderJsonPath(expression, data)).toBe(text);
});

test.each([
  ['{.items[0}', 'is no field, index'],
  ['{.items', 'a brace is not closed'],
  ['{range .items[*]}{.metadata.name}{end}', 'range is not known'],
  ['{.items[?(@.a>3)]}', 'is no field, index'],
  ['{"open}', 'a brace is not closed'],
])('jsonpath %s is a mistake that says where', (expression, message) => {
  expect(() => renderJsonPath(expression, data)).toThrow(message);
});

test('inherited names are no fields', () => {
  expect(renderJsonPath('{.constructor}{.__proto__}', data)).toBe('');
});

test('a template is a line an object', () => {
  expect(renderTemplate('{{.metadata.name}}\\t{{ .status.phase }}', data.items[0])).toBe('web\tReady');
  expect(() => renderTemplate('no field', data.items[0])).toThrow('names no field');
});

test('items are sorted as people count, either way, what lacks the field first', async () => {
  const items = [{ name: 'web-10', age: 3 }, { name: 'web-2', age: 20 }, { name: 'api' }];
  const by = async (path: string) => (await sortItems(items, path, (item) => item)).map(({ name }) => name);
  expect(await by('name')).toEqual(['api', 'web-2', 'web-10']);
  expect(await by('-name')).toEqual(['web-10', 'web-2', 'api']);
  expect(await by('.age')).toEqual(['api', 'web-10', 'web-2']);
  await expect(by('size')).rejects.toThrow('no object here has it');
});
