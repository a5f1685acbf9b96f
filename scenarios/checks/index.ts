/** All checks of meaning: of what is well formed but cannot run, or probably is not meant. */
import { type Problem, problemAt } from '../problems.ts';
import type { Sections } from '../schema.ts';
import { describeNode, type Node, nodeAt, placeAt } from '../tree.ts';
import { cephChecks } from './ceph.ts';
import type { Check } from './check.ts';
import { computeChecks } from './compute.ts';
import { containerChecks } from './containers.ts';
import { modelChecks } from './model.ts';
import { profileChecks } from './profiles.ts';
import { siteChecks } from './site.ts';
import { workloadChecks } from './workload.ts';

const CHECKS: readonly Check[] = [
  ...siteChecks,
  ...cephChecks,
  ...computeChecks,
  ...containerChecks,
  ...workloadChecks,
  ...modelChecks,
  ...profileChecks,
];

/** Runs the checks whose sections could be read. */
export function checkMeaning(sections: Sections, tree: Node): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { needs, run } of CHECKS) {
    if (needs.some((name) => sections[name] === undefined)) continue;
    run(sections as Required<Sections>, (code, path, message, detail) => {
      const node = nodeAt(tree, path);
      const found = node?.type === 'scalar' ? describeNode(node) : undefined;
      problems.push(
        problemAt(code, placeAt(tree, path, 'key'), path, message, { found, ...detail }),
      );
    });
  }
  return problems;
}
