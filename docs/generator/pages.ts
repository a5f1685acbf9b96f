/** Every generated page by its path under docs/. */
import { LAYERS } from '../../model/layers.ts';
import { scenarioJsonSchema, scenarioReferenceMarkdown } from '../../scenarios/index.ts';
import { cliPage } from './cli-page.ts';
import { driversPage } from './drivers-page.ts';
import { errorsPage } from './errors-page.ts';
import { indexPage } from './index-page.ts';
import { invariantsPage } from './invariants-page.ts';
import { layerPage } from './layer-page.ts';
import { GENERATED } from './markdown.ts';
import { profilesPage } from './profiles-page.ts';
import { recordingPage } from './recording-page.ts';
import { stackPage } from './stack-page.ts';

/** The same text whenever and wherever it is called. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['reference/README.md', indexPage()],
    ['reference/stack.md', stackPage()],
    ...LAYERS.map((layer) => [`reference/layers/${layer}.md`, layerPage(layer)] as const),
    ['reference/invariants.md', invariantsPage()],
    ['reference/errors.md', errorsPage()],
    ['reference/scenario.md', `${GENERATED}\n\n${scenarioReferenceMarkdown().trimEnd()}\n`],
    ['reference/scenario.schema.json', `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`],
    ['reference/cli.md', await cliPage()],
    ['reference/recording.md', recordingPage()],
    ['reference/drivers.md', await driversPage()],
    ['reference/profiles.md', profilesPage()],
  ]);
}
