import { describe, expect, test } from 'vitest';
import { sealSections, writeEncrypted, writtenSecrets } from '../../../src/manifest/edit-secret.ts';

const age = (body: string): string => `-----BEGIN AGE ENCRYPTED FILE-----\n${body}\n-----END AGE ENCRYPTED FILE-----\n`;
const place = { file: 'app.yaml', name: 'db', index: 0 };

const block = `# The database.
apiVersion: tsdock/v1
kind: Secret
metadata: {name: db} # one
spec:
  # encrypted for the host
  encrypted:
    # for the application
    password: old # rotate in May
    token: | # long
      one
      two

    # the last one
    "a b": 'quoted' # end
  generate:
    salt: {}
---
kind: Container
`;

test('a value is replaced where it stands, and everything around it stays', () => {
  const changed = writeEncrypted(
    block,
    place,
    new Map([
      ['password', age('AAAA')],
      ['token', age('BBBB')],
      ['a b', age('CCCC')],
    ]),
  );
  expect(changed).toMatchInlineSnapshot(`
    "# The database.
    apiVersion: tsdock/v1
    kind: Secret
    metadata: {name: db} # one
    spec:
      # encrypted for the host
      encrypted:
        # for the application
        password: | # rotate in May
          -----BEGIN AGE ENCRYPTED FILE-----
          AAAA
          -----END AGE ENCRYPTED FILE-----
        token: | # long
          -----BEGIN AGE ENCRYPTED FILE-----
          BBBB
          -----END AGE ENCRYPTED FILE-----

        # the last one
        "a b": | # end
          -----BEGIN AGE ENCRYPTED FILE-----
          CCCC
          -----END AGE ENCRYPTED FILE-----
      generate:
        salt: {}
    ---
    kind: Container
    "
  `);
  expect([...(writtenSecrets('app.yaml', changed)[0]?.encrypted ?? [])]).toEqual([
    ['password', age('AAAA')],
    ['token', age('BBBB')],
    ['a b', age('CCCC')],
  ]);
});

test('a new key comes last, another one goes with its lines', () => {
  expect(
    writeEncrypted(
      block,
      place,
      new Map([
        ['new', age('DDDD')],
        ['token', null],
      ]),
    ),
  ).toMatchInlineSnapshot(`
    "# The database.
    apiVersion: tsdock/v1
    kind: Secret
    metadata: {name: db} # one
    spec:
      # encrypted for the host
      encrypted:
        # for the application
        password: old # rotate in May

        # the last one
        "a b": 'quoted' # end
        new: |
          -----BEGIN AGE ENCRYPTED FILE-----
          DDDD
          -----END AGE ENCRYPTED FILE-----
      generate:
        salt: {}
    ---
    kind: Container
    "
  `);
});

const secretOf = (spec: string): string => `kind: Secret\nmetadata: {name: db}\nspec:${spec}`;

describe('every form is written so that it is read again', () => {
  test.each([
    ['without encrypted', '\n  generate: {a: {}}\n'],
    ['without a last line break', '\n  encrypted:\n    a: x'],
    ['in braces', ' {encrypted: {a: x}, generate: {b: {}}}\n'],
    ['in braces over lines', ' {\n  "encrypted": {\n    "a": "x",\n    "b": "y"\n  }\n  }\n'],
    ['with empty braces', '\n  encrypted: {}\n'],
    ['with a folded text', '\n  encrypted:\n    a: >-\n      x\n      y\n    b: z\n'],
    ['with a text over lines', '\n  encrypted:\n    a: "x\n      y" # why\n    b: z\n'],
    ['with CRLF', '\r\n  encrypted:\r\n    a: x # why\r\n    b: y\r\n'],
    ['with a spec in braces', ' {generate: {a: {}}}\n'],
    ['with comments below', '\n  encrypted:\n    a: x\n\n# something else\n'],
    ['with an anchor', '\n  encrypted:\n    a: &x one\n    b: *x\n'],
  ])('%s', (_name, spec) => {
    const before = secretOf(spec);
    const comments = before.match(/#.*/g) ?? [];
    const kept = new Map(writtenSecrets('app.yaml', before)[0]?.encrypted ?? []);
    const changed = writeEncrypted(
      before,
      place,
      new Map([
        ['a', age('AAAA')],
        ['new', age('NNNN')],
      ]),
    );
    const after = new Map([...(writtenSecrets('app.yaml', changed)[0]?.encrypted ?? [])].map(([key, value]) => [key, value.trim()]));
    expect(after).toEqual(new Map([...kept, ['a', age('AAAA').trim()], ['new', age('NNNN').trim()]]));
    expect(changed.match(/#.*/g) ?? []).toEqual(comments);
  });
});

test('a manifest of JSON stays one', () => {
  const json = '{"kind": "Secret", "metadata": {"name": "db"}, "spec": {"encrypted": {"a": "x"}}}\n';
  expect(JSON.parse(writeEncrypted(json, place, new Map([['b', age('BBBB')]])))).toMatchObject({
    spec: { encrypted: { a: 'x', b: age('BBBB') } },
  });
});

describe('sealing', () => {
  test('only renames the section while nothing is encrypted', () => {
    const text = secretOf(
      '\n  # two of them\n  stringData:\n    # first\n    a: hunter2 # why\n    b: |\n      more\n  generate: {c: {}}\n',
    );
    expect(
      sealSections(
        text,
        place,
        new Map([
          ['a', age('AAAA')],
          ['b', age('BBBB')],
        ]),
      ),
    ).toMatchInlineSnapshot(`
      "kind: Secret
      metadata: {name: db}
      spec:
        # two of them
        encrypted:
          # first
          a: | # why
            -----BEGIN AGE ENCRYPTED FILE-----
            AAAA
            -----END AGE ENCRYPTED FILE-----
          b: |
            -----BEGIN AGE ENCRYPTED FILE-----
            BBBB
            -----END AGE ENCRYPTED FILE-----
        generate: {c: {}}
      "
    `);
  });

  test('takes sections together, with their comments', () => {
    const text = secretOf('\n  data:\n      # in base64\n      b: aHVudGVyMg==\n  encrypted:\n    a: x\n  stringData:\n    c: hunter2\n');
    const changed = sealSections(
      text,
      place,
      new Map([
        ['b', age('BBBB')],
        ['c', age('CCCC')],
      ]),
    );
    expect(changed).not.toMatch(/stringData| data:|hunter2|aHVudGVyMg/);
    expect(changed).toContain('    # in base64\n    b: |\n');
    expect([...(writtenSecrets('app.yaml', changed)[0]?.encrypted.keys() ?? [])]).toEqual(['a', 'c', 'b']);
  });

  test('in braces with something encrypted is refused', () => {
    expect(() => sealSections(secretOf(' {stringData: {a: x}, encrypted: {b: y}}'), place, new Map([['a', age('A')]]))).toThrow(
      /cannot be edited in place/,
    );
  });
});

test('the Secrets of a file are found with their clear values, whatever else is in it', () => {
  const [db, ...others] = writtenSecrets('app.yaml', `${block}---\n${secretOf('\n  stringData: {a: x}\n  data: {b: aGk=}')}`);
  expect(others).toHaveLength(1);
  expect(db).toMatchObject({ name: 'db', namespace: null, line: 2 });
  expect(Object.fromEntries(others[0]?.clear ?? [])).toEqual({ a: Buffer.from('x'), b: Buffer.from('hi') });
  expect(() => writtenSecrets('bad.yaml', 'a: [')).toThrow(/bad.yaml:1:\d+: is no YAML/);
});
