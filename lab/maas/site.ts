import { badForm } from './refusal.ts';

interface Named {
  readonly id: number;
  readonly name: string;
  readonly description: string;
}

/** What a region has beside machines. */
export class Site {
  readonly zones: Named[] = [{ id: 1, name: 'default', description: '' }];
  readonly pools: Named[] = [{ id: 0, name: 'default', description: 'Default pool' }];
  readonly tags = new Set<string>();
  readonly config = new Map<string, string>([
    ['maas_name', 'contract'],
    ['enable_disk_erasing_on_release', 'false'],
  ]);
  readonly subnets = [
    { id: 1, name: '10.0.0.0/24', cidr: '10.0.0.0/24', gateway_ip: '10.0.0.1', managed: true },
  ];
  readonly bootResources = [
    { id: 1, type: 'Synced', name: 'ubuntu/jammy', architecture: 'amd64/ga-22.04' },
    { id: 2, type: 'Synced', name: 'ubuntu/noble', architecture: 'amd64/ga-24.04' },
  ];

  /** `what` is what MAAS calls one of them. */
  add(all: Named[], what: string, name: string | null): Named {
    if (!name) throw badForm('name', 'This field is required.');
    if (all.some((each) => each.name === name)) {
      throw badForm('name', `${what} with this Name already exists.`);
    }
    const added = { id: Math.max(...all.map(({ id }) => id)) + 1, name, description: '' };
    all.push(added);
    return added;
  }
}
