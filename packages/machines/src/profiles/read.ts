import type { Report } from '../problems.ts';
import { artifactPath, itemsOf } from '../readers.ts';
import { DOCUMENT, PROFILE } from '../schema.ts';
import { open } from '../section.ts';
import type { Node } from '../yaml/tree.ts';
import { BUILT_IN } from './built-in.ts';
import type { DocumentRow, Profile } from './profile.ts';

/** Reads the list `profiles`: what the data file brings, then what is built in. */
export function readProfiles(node: Node | undefined, report: Report): readonly Profile[] {
  const own: Profile[] = [];
  for (const item of itemsOf(node, 'profiles', report)) {
    const { keys } = PROFILE;
    const section = open(item, item.place, PROFILE, report);
    const name = section.at(keys.name);
    const kernel = section.at(keys.kernel);
    const initrd = section.at(keys.initrd);
    const files = filesIn(section.at(keys.files), report);
    const documents = itemsOf(section.at(keys.documents), 'documents', report).flatMap((row) =>
      readDocument(row, report),
    );
    if (name === undefined || kernel === undefined || initrd === undefined) continue;
    if (name === 'harvester' || own.some((profile) => profile.name === name)) {
      report.error(section.placeOf(keys.name), `a second profile \`${name}\``, 'each has its own name');
    }
    const all = new Map([...files, ['kernel', kernel], ['initrd', initrd]]);
    own.push({ name, files: all, arguments: section.at(keys.arguments), documents });
  }
  return [...own, ...BUILT_IN];
}

function filesIn(node: Node | undefined, report: Report): readonly (readonly [string, string])[] {
  if (node === undefined) return [];
  if (node.kind !== 'mapping') {
    report.error(
      node.place,
      `\`files\` is a ${node.kind}`,
      'write it like files: { rootfs: flatcar/{version}/rootfs.img }',
    );
    return [];
  }
  return [...node.entries].flatMap(([name, { value }]) => {
    const path = artifactPath(value, report);
    return path === undefined ? [] : [[name, path] as const];
  });
}

function readDocument(item: Node, report: Report): readonly DocumentRow[] {
  const { keys } = DOCUMENT;
  const section = open(item, item.place, DOCUMENT, report);
  const name = section.at(keys.name);
  if (name === undefined) return [];
  const [format, header, otherwise] = [section.at(keys.format), section.at(keys.header), section.at(keys.otherwise)];
  return [{ name, format, header, otherwise }];
}
