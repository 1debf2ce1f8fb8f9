import fc from 'fast-check';
import { CORE_SCHEMA, load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { parseInventory } from '@sower/machines';
import { Report } from '../src/problems.ts';
import { parseYaml } from '../src/yaml/parse.ts';
import { coreValue } from '../src/yaml/scalar.ts';
import type { Node } from '../src/yaml/tree.ts';

function read(text: string): { readonly root: Node | undefined; readonly report: Report } {
  const report = new Report();
  return { root: parseYaml(text, 'f', report), report };
}

/** The value at a path of keys, or undefined where a step is missing. */
function valueAt(node: Node | undefined, path: readonly string[]): Node | undefined {
  let at = node;
  for (const key of path) at = at?.kind === 'mapping' ? at.entries.get(key)?.value : undefined;
  return at;
}

function at(text: string, ...path: readonly string[]): Node | undefined {
  return valueAt(read(text).root, path);
}

describe('scalars', () => {
  test.each([
    ['000000112233', '000000112233', 112_233],
    ['5254001e0003', '5254001e0003', 5_254_001_000],
    ['0755', '0755', 755],
    ['1.10', '1.10', 1.1],
    ['52:54:00:11:22:33', '52:54:00:11:22:33', '52:54:00:11:22:33'],
    ['yes', 'yes', 'yes'],
    ['"1"', '1', '1'],
    ["'a''b'", "a'b", "a'b"],
    ['"a\\nb"', 'a\nb', 'a\nb'],
    ['!!str 12', '12', '12'],
    ['! 12', '12', '12'],
    ['', '', null],
    ['~', '~', null],
  ])('%s keeps its text', (written, text, value) => {
    expect(at(`a: ${written}`, 'a')).toMatchObject({ kind: 'scalar', text, value });
  });

  test('mean what the core schema says', () => {
    const scalar = fc
      .stringMatching(/^[-+.0-9a-fxoEeTrueNl~]{1,8}$/)
      .filter((text) => !/^(?:-|---.*|\.\.\..*)$/.test(text));
    fc.assert(
      fc.property(scalar, (text) => {
        expect([coreValue(text)]).toEqual(load(`- ${text}`, { schema: CORE_SCHEMA }));
      }),
    );
  });

  test.each([
    ['a: 1', 1, 4],
    ['a:\n  "x"', 2, 3],
    ['\uFEFFa: 1', 1, 4],
    ['b: 0\r\na: 1', 2, 4],
    ['b: 0\ra: 1', 2, 4],
    ['a:', 1, 1],
    ['b: [1,\n 2]\na: &x 1', 3, 7],
  ])('%j stands in line %i, column %i', (text, line, column) => {
    expect(at(text, 'a')?.place).toEqual({ file: 'f', line, column });
  });
});

describe('anchors and merges', () => {
  test('an alias is the very node of its anchor', () => {
    const text = 'x: &x { a: 1 }\ny: *x';
    const { root } = read(text);
    expect(valueAt(root, ['y'])).toBe(valueAt(root, ['x']));
  });

  test.each([
    ['an explicit key wins, before the merge', 'x: &x { a: 1, b: 2 }\ny: { a: 3, <<: *x }', '3', '2'],
    ['an explicit key wins, after the merge', 'x: &x { a: 1, b: 2 }\ny: { <<: *x, a: 3 }', '3', '2'],
    ['an earlier merge wins', 'x: &x { a: 1 }\nz: &z { a: 2, b: 2 }\ny: { <<: [*x, *z] }', '1', '2'],
    ['merges of merges', 'x: &x { a: 1 }\nz: &z { <<: *x, b: 2 }\ny: { <<: *z }', '1', '2'],
  ])('%s', (_, text, a, b) => {
    expect(at(text, 'y', 'a')).toMatchObject({ text: a });
    expect(at(text, 'y', 'b')).toMatchObject({ text: b });
  });

  test('a merge is remembered, and what it hides', () => {
    const { root } = read('x: &x { a: 1 }\ny: { <<: *x, a: 3 }');
    const y = valueAt(root, ['y']);
    const x = valueAt(root, ['x']);
    expect(y?.kind === 'mapping' && y.merges).toEqual([x]);
    expect(y?.kind === 'mapping' && y.entries.get('a')?.hides).toBe(valueAt(x, ['a']));
  });

  test('a quoted << is an ordinary key', () => {
    expect(at('a: { "<<": 1 }', 'a', '<<')).toMatchObject({ text: '1' });
  });

  test('an anchor set again counts from there on', () => {
    expect(at('x: &x 1\ny: *x\nz: &x 2\nw: *x', 'w')).toMatchObject({ text: '2' });
    expect(at('x: &x 1\ny: *x\nz: &x 2\nw: *x', 'y')).toMatchObject({ text: '1' });
  });
});

describe('hostile files', () => {
  test('a billion laughs is a problem, and quick', () => {
    const levels = Array.from({ length: 30 }, (_, i) => `x-${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`);
    const { problems, inventory } = parseInventory(['x-0: &a0 [lol]', ...levels].join('\n'), 'f');
    expect(inventory).toBeUndefined();
    expect(problems).toMatchObject([{ line: 8, column: 10, what: 'the aliases in here write out to too much' }]);
  });

  test('merges that cost the square of their length are a problem, and quick', () => {
    const chain = Array.from({ length: 3000 }, (_, i) => `x-${i + 1}: &a${i + 1} { <<: *a${i}, k${i}: 1 }`);
    const { problems } = parseInventory(['x-0: &a0 {}', ...chain].join('\n'), 'f');
    expect(problems.map(({ what }) => what)).toContain('the merges of this file come to too much');
  });

  test('a file that is too large is not read', () => {
    expect(parseInventory(' '.repeat(16 * 1024 * 1024 + 1), 'f').problems).toMatchObject([
      { what: 'the file is too large' },
    ]);
  });

  test('F-H 41 __proto__ and constructor are keys like any other', () => {
    const text = 'maclist: []\n__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\ntoString: 1';
    const { problems } = parseInventory(text, 'f');
    expect(problems.map(({ what }) => what)).toEqual([
      'unknown key `__proto__` in the file',
      'unknown key `constructor` in the file',
      'unknown key `toString` in the file',
    ]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  const pieces =
    'maclist:|config:|appliance:| |\n|  |- |a: |&a |*a|<<: |{|}|[|]|,|"|\'|>|---|!!str |values:|dhcp:|macaddress: |52:54:00:aa:bb:01|1.10|\t|? |#';
  const yamlish = fc.array(fc.constantFrom('|', ...pieces.split('|')), { maxLength: 60 });

  test('parsing never throws, whatever the text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      yamlish.map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (written) => {
        const { inventory, problems } = parseInventory(written, 'f');
        expect(inventory === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
        for (const { line, column, hint } of problems) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
          expect(hint).not.toBe('');
        }
      }),
      { numRuns: 500 },
    );
  });
});
