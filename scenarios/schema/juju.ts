/** `stack.juju`: models with their applications and relations. */
import { z } from 'zod';
import type { JujuModel } from '../../model/scenario.ts';
import { listed, name, named, text, whole } from './fields.ts';

const place = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('servers').describe('Units are placed on servers, one each.'),
    project: name().describe('Project that owns them.'),
    flavor: name().describe('Server flavor.'),
    image: name().describe('Image.'),
    network: name().describe('Network.'),
  }),
  z.strictObject({
    type: z.literal('kubernetes').describe('Units are pods of a cluster.'),
    cluster: name().describe('Name of the cluster.'),
  }),
]);

const application = z.strictObject({
  charm: text(255).optional().describe('Charm. Default: the name of the application.'),
  units: whole(0, 10_000).default(1).describe('Units.'),
});

export const jujuSchema = z
  .strictObject({
    on: place.describe('Where units are placed.'),
    applications: named(application).describe('Applications.'),
    relations: z
      .array(z.tuple([name(), name()]))
      .max(10_000)
      .default([])
      .describe('Pairs of applications.'),
  })
  .transform(({ applications, ...rest }): Omit<JujuModel, 'name'> => {
    const list = listed(applications);
    return { ...rest, applications: list.map((a) => ({ ...a, charm: a.charm ?? a.name })) };
  });
