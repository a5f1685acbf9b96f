import type { z } from 'zod';
import type { Act } from './context.ts';
import { GIB } from './context.ts';
import { isObject, openstackFault } from './faults.ts';
import { idOf } from './lookup.ts';
import { SERVER_ACTS, type ServerAct, type ServerActName } from './server-acts.ts';
import { SERVER_PARAMS } from './server-params.ts';

type Wanted = z.infer<typeof SERVER_PARAMS.create>;

/** Asks nova for a server; returns its UUID. */
export async function createServer(act: Act): Promise<string> {
  const params = act.params(SERVER_PARAMS.create);
  const { session, signal } = act;
  const [flavorRef, image, networks] = await Promise.all([
    idOf(session, 'flavor', params.flavor, { signal }),
    idOf(session, 'image', params.image, { signal }),
    networksOf(act, params),
  ]);
  const server = {
    name: act.entity,
    flavorRef,
    networks,
    ...diskOf(params, image),
    ...rest(params),
  };
  const answer = await act.change('compute', {
    method: 'POST',
    path: '/servers',
    body: { server },
  });
  const made = isObject(answer.value) ? answer.value['server'] : undefined;
  if (!isObject(made))
    throw openstackFault('OPENSTACK_MALFORMED', `create of server ${act.entity}`);
  return String(made['id']);
}

/** Carries out the call of an act on a server that is there. */
export async function callServer(
  act: Act,
  name: ServerActName,
  id: string,
  vm: string,
): Promise<void> {
  const path = `/servers/${id}`;
  if (name === 'delete' && !vm.startsWith('soft-delete')) {
    await act.change('compute', { method: 'DELETE', path });
    return;
  }
  const { action }: ServerAct = SERVER_ACTS[name];
  const body = name === 'delete' ? { forceDelete: null } : await action?.(act);
  await act.change('compute', { method: 'POST', path: `${path}/action`, body });
}

async function networksOf(act: Act, { networks, ports }: Wanted): Promise<unknown> {
  const { session, signal } = act;
  const given = await Promise.all(
    ports.map(async (port) => ({ port: await idOf(session, 'port', port, { signal }) })),
  );
  if (!Array.isArray(networks)) return given.length > 0 ? given : networks;
  const further = await Promise.all(
    networks.map(async (each) => ({ uuid: await idOf(session, 'network', each, { signal }) })),
  );
  return [...given, ...further];
}

function diskOf({ boot_volume_bytes }: Wanted, image: string): object {
  if (boot_volume_bytes === undefined) return { imageRef: image };
  const volume = {
    boot_index: 0,
    uuid: image,
    source_type: 'image',
    destination_type: 'volume',
    volume_size: Math.ceil(boot_volume_bytes / GIB),
    delete_on_termination: true,
  };
  return { block_device_mapping_v2: [volume] };
}

function rest(params: Wanted): object {
  const { availability_zone, host, key_name, security_groups, user_data, metadata } = params;
  return {
    ...(availability_zone !== undefined && { availability_zone }),
    ...(host !== undefined && { host }),
    ...(key_name !== undefined && { key_name }),
    ...(security_groups && { security_groups: security_groups.map((name) => ({ name })) }),
    ...(user_data !== undefined && { user_data: Buffer.from(user_data).toString('base64') }),
    ...(metadata && { metadata }),
  };
}
