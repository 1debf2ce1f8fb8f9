import type { Report } from './problems.ts';
import type { Quirk, QuirkMatch } from './quirks.ts';
import { itemsOf } from './readers.ts';
import { QUIRK, QUIRK_MATCH } from './schema.ts';
import { open, type Section } from './section.ts';
import type { Node } from './yaml/tree.ts';

/** Reads the list `quirks`. */
export function readQuirks(node: Node | undefined, report: Report): readonly Quirk[] {
  return itemsOf(node, 'quirks', report).flatMap((item) => {
    const section = open(item, item.place, QUIRK, report);
    const matchNode = section.at(QUIRK.keys.match);
    const behaviour = section.at(QUIRK.keys.behaviour);
    if (matchNode === undefined || behaviour === undefined) return [];
    const match = matchOf(open(matchNode, matchNode.place, QUIRK_MATCH, report));
    // A rule without a condition would treat every machine that way.
    if (Object.keys(match).length === 0 && !report.hasErrorAt(matchNode.place)) {
      report.error(matchNode.place, '`match` says nothing', 'give oui, vendorClass, userClass, arch or uuid');
    }
    return [{ match, behaviour, source: section.at(QUIRK.keys.source) }];
  });
}

function matchOf(section: Section): QuirkMatch {
  const { keys } = QUIRK_MATCH;
  const [oui, vendorClass, userClass] = [
    section.at(keys.oui),
    section.at(keys.vendorClass),
    section.at(keys.userClass),
  ];
  const [arch, uuid] = [section.at(keys.arch), section.at(keys.uuid)];
  return {
    ...(oui && { oui }),
    ...(vendorClass && { vendorClass }),
    ...(userClass && { userClass }),
    ...(arch && { arch }),
    ...(uuid && { uuid }),
  };
}
