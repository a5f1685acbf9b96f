import type { Observation } from '../../engine/contract.ts';
import { pause_s } from '../poller.ts';
import {
  type Act,
  absent,
  attributes,
  type CloudContext,
  everywhere,
  GIB,
  type Kind,
  MIB,
} from './context.ts';
import { failedCode, isObject, openstackFault } from './faults.ts';
import { byId, entityNames, find, type Item, listAll } from './lookup.ts';
import { outcomeOfAction } from './server-actions-log.ts';
import {
  actBegunBy,
  SERVER_ACTS,
  SERVER_CALLS,
  SERVER_ORDER,
  SERVER_VERBS,
  type ServerAct,
  type ServerActName,
} from './server-acts.ts';
import { callServer, createServer } from './server-calls.ts';
import { statesBetween } from './server-path.ts';
import { isIdle, type NovaWords, novaWords, serverState, stateName } from './server-states.ts';

/** What was seen of a server now. */
export interface SeenServer {
  readonly item?: Item;
  /** The state of the machine's region `vm`, or `absent`. */
  readonly vm: string;
  readonly observation: Observation;
}

/** An act that this driver began; its later steps are followed, and not begun again. */
interface OpenAct {
  readonly name: ServerActName;
  readonly requestId: string | undefined;
  /** Where the server stood before. */
  readonly from: string;
  /** Verbs of steps that were asked for. */
  readonly asked: Set<string>;
  /** Begun by a name that no first step has: nobody will ask for the steps. */
  isWhole: boolean;
}

/** Much is done soon: the first looks are close together, each after twice as long, up to the last. */
const LOOK_FIRST_S = 0.1;
const LOOK_EVERY_S = 0.4;
/** How often an act that nova forgot is looked for before it is given up. */
const IDLE_LOOKS_MAX = 12;

/** Servers of nova. */
export class Servers implements Kind {
  readonly kind = 'server';
  readonly isFast = true;
  readonly verbs = SERVER_VERBS;
  readonly order = SERVER_ORDER;
  readonly #cloud: CloudContext;
  readonly #ids = new Map<string, string>();
  readonly #open = new Map<string, OpenAct>();

  constructor(cloud: CloudContext) {
    this.#cloud = cloud;
  }

  async perform(act: Act): Promise<Observation> {
    const { verb } = act.action;
    const seen = await this.#look(act.entity, act.signal);
    if (verb === 'inspect') return seen.observation;
    if (verb in SERVER_CALLS) return this.#callOnce(act, seen, verb as keyof typeof SERVER_CALLS);
    const open = this.#open.get(act.entity);
    const steps: ServerAct['steps'] = open ? SERVER_ACTS[open.name].steps : [];
    if (open && !open.asked.has(verb) && steps.some(([, each]) => each === verb)) {
      open.asked.add(verb);
      act.began();
      return this.#follow(act, open, verb);
    }
    const name = actBegunBy(act, seen.vm);
    return name ? this.#begin(act, name, seen) : this.#join(act, seen);
  }

  async observe(entity: string, signal?: AbortSignal): Promise<Observation> {
    return (await this.#look(entity, signal)).observation;
  }

  async list(signal?: AbortSignal): Promise<readonly Observation[]> {
    const { session } = this.#cloud;
    const query = await everywhere(session);
    const [items, projects] = await Promise.all([
      listAll(session, 'server', { query, signal }),
      projectNames(this.#cloud, signal),
    ]);
    const names = entityNames(items);
    return items.map((item, i) => {
      this.#ids.set(names[i], String(item['id']));
      const { observation } = seenOf(names[i], item);
      const project = projects.get(String(item['tenant_id']));
      return project === undefined
        ? observation
        : { ...observation, attributes: { ...observation.attributes, project } };
    });
  }

  // ---------------------------------------------------------------- looking

  async #look(entity: string, signal?: AbortSignal): Promise<SeenServer> {
    const begun_ms = performance.now();
    const item = await this.#find(entity, signal);
    if (!item) this.#ids.delete(entity);
    const seen = seenOf(entity, item);
    this.#learn(seen, begun_ms);
    return seen;
  }

  async #find(entity: string, signal?: AbortSignal): Promise<Item | undefined> {
    const { session } = this.#cloud;
    const id = this.#ids.get(entity);
    const known = id === undefined ? undefined : await byId(session, 'server', id, signal);
    if (known) return known;
    const query = await everywhere(session);
    const found = await find(session, 'server', entity, { query, signal });
    if (found) this.#ids.set(entity, String(found['id']));
    return found;
  }

  #learn({ observation }: SeenServer, begun_ms: number): void {
    const { feed } = this.#cloud;
    for (const each of [...this.missed(observation), observation]) feed.learn(each, begun_ms);
  }

  /** The steps that nova went through between two looks. */
  missed({ entity, state }: Observation): readonly Observation[] {
    const known = this.#cloud.feed.known(this.kind, entity)?.state ?? 'absent';
    const [before] = known.split('+');
    const [after, host = 'UP'] = state.split('+');
    return statesBetween(before, after, this.#open.get(entity)?.name).map((vm) => ({
      ...{ kind: this.kind, entity, state: `${vm}+${host}`, reason: `${vm}, not seen` },
      attributes: { inferred: true },
    }));
  }

  // ---------------------------------------------------------------- acting

  async #callOnce(
    act: Act,
    seen: SeenServer,
    verb: keyof typeof SERVER_CALLS,
  ): Promise<Observation> {
    if (!seen.item) throw act.notFound();
    const body = await SERVER_CALLS[verb](act);
    const path = `/servers/${seen.item['id']}/action`;
    await act.change('compute', { method: 'POST', path, body });
    return (await this.#look(act.entity, act.signal)).observation;
  }

  /** The verb of a step of an act that somebody else began. */
  async #join(act: Act, seen: SeenServer): Promise<Observation> {
    const { verb } = act.action;
    const names = Object.keys(SERVER_ACTS) as ServerActName[];
    const name = names.find((each) =>
      (SERVER_ACTS[each].steps as ServerAct['steps']).some(
        ([state, step]) => step === verb && state === seen.vm,
      ),
    );
    if (name) return this.#follow(act, openAct(name, undefined, seen.vm), verb);
    const what = `${verb} of server ${act.entity}, which is ${seen.observation.reason}`;
    throw openstackFault('OPENSTACK_WRONG_STATE', what);
  }

  async #begin(act: Act, name: ServerActName, seen: SeenServer): Promise<Observation> {
    const { verb } = act.action;
    if (name === 'create' && seen.vm === 'error.idle') throw inError(act, seen);
    if (isOver(name, seen)) return seen.observation;
    const isUnderWay = !isIdle(seen.vm) && isStepOf(name, seen.vm);
    const open = isUnderWay
      ? openAct(name, this.#open.get(act.entity)?.requestId, seen.vm)
      : await this.#ask(act, name, seen);
    act.began();
    open.asked.add(verb);
    open.isWhole = verb === name && SERVER_ACTS[name].steps[0]?.[1] !== name;
    this.#open.set(act.entity, open);
    return this.#follow(act, open, verb === name ? undefined : verb);
  }

  async #ask(act: Act, name: ServerActName, seen: SeenServer): Promise<OpenAct> {
    if (name === 'create') this.#ids.set(act.entity, await createServer(act));
    else if (!seen.item) throw act.notFound();
    else await callServer(act, name, String(seen.item['id']), seen.vm);
    return openAct(name, act.requestId, seen.vm);
  }

  /** Looks until an act has ended, or has left the step of a verb. */
  async #follow(act: Act, open: OpenAct, step: string | undefined): Promise<Observation> {
    try {
      const seen = await this.#untilOver(act, open, step);
      act.ended();
      if (isIdle(seen.vm) || seen.vm === 'absent') this.#closeIfAsked(act.entity, open);
      return seen.observation;
    } catch (thrown) {
      this.#open.delete(act.entity);
      throw act.withEffect(thrown);
    }
  }

  async #untilOver(act: Act, open: OpenAct, step: string | undefined): Promise<SeenServer> {
    let idleLooks = 0;
    for (let looks = 0; ; looks++) {
      act.signal.throwIfAborted();
      const seen = await this.#look(act.entity, act.signal);
      if (step !== undefined && isPast(open.name, step, seen.vm)) return seen;
      const rests = isIdle(seen.vm) || seen.vm === 'absent';
      if (rests) {
        if (await this.#hasEnded(act, open, seen, idleLooks)) return seen;
        idleLooks++;
      }
      await pause_s(Math.min(LOOK_EVERY_S, LOOK_FIRST_S * 2 ** looks), act.signal);
    }
  }

  /** Whether an act is over, of a server that rests. Throws when it failed. */
  async #hasEnded(act: Act, open: OpenAct, seen: SeenServer, idleLooks: number): Promise<boolean> {
    const { ends, steps, endFrom, endsOnlyThere }: ServerAct = SERVER_ACTS[open.name];
    const end = endsOnlyThere && endFrom?.(open.from.split('.')[0]);
    const isEnd = end ? seen.vm === end : ends.includes(seen.vm);
    if (isEnd && (seen.vm !== open.from || steps.length === 0)) return true;
    if (seen.vm === 'absent') throw endedOtherwise(act, seen);
    if (seen.vm === 'error.idle' && open.from !== 'error.idle') {
      // nova writes down why a moment after it has set the state.
      if (!isObject(seen.item?.['fault']) && idleLooks < IDLE_LOOKS_MAX) return false;
      throw inError(act, seen);
    }
    // It stands where it stood: only nova's log of the act tells what became of it.
    const id = String(seen.item?.['id']);
    const outcome = await outcomeOfAction(this.#cloud.session, id, open.requestId, act.signal);
    if (outcome.type === 'failed') throw failed(act, outcome.message);
    if (outcome.type === 'running') return false;
    if (isEnd) return true;
    if (idleLooks >= IDLE_LOOKS_MAX) throw endedOtherwise(act, seen);
    return false;
  }

  /** The act stays open while verbs of its steps may still be asked for. */
  #closeIfAsked(entity: string, open: OpenAct): void {
    const steps: ServerAct['steps'] = SERVER_ACTS[open.name].steps;
    const last = steps[steps.length - 1]?.[1];
    if (open.isWhole || last === undefined || open.asked.has(last)) this.#open.delete(entity);
  }
}

function openAct(name: ServerActName, requestId: string | undefined, from: string): OpenAct {
  return { name, requestId, from, asked: new Set(), isWhole: false };
}

function isStepOf(name: ServerActName, vm: string): boolean {
  return (SERVER_ACTS[name].steps as ServerAct['steps']).some(([state]) => state === vm);
}

/** A server that is there need not be made, and one that is gone not be deleted. */
function isOver(name: ServerActName, { vm }: SeenServer): boolean {
  if (name === 'create') return vm !== 'absent' && !vm.startsWith('building');
  return name === 'delete' && vm === 'absent';
}

/** Whether a server is in a later step of an act than that of `verb`. */
function isPast(name: ServerActName, verb: string, vm: string): boolean {
  const steps: ServerAct['steps'] = SERVER_ACTS[name].steps;
  const now = steps.findIndex(([state]) => state === vm);
  if (now < 0) return false;
  const own = steps.map(([, each]) => each);
  const last = own.lastIndexOf(verb);
  return own[now] !== verb && !isBefore(steps, now, last);
}

/** Whether step `now` comes before that of a verb, in the same vm_state where it has several. */
function isBefore(steps: ServerAct['steps'], now: number, last: number): boolean {
  const [vm] = steps[now][0].split('.');
  const verb = steps[last][1];
  const own = steps.findIndex(([state, each]) => each === verb && state.startsWith(`${vm}.`));
  return own < 0 ? now < last : now < own;
}

function seenOf(entity: string, item: Item | undefined): SeenServer {
  if (!item || item['status'] === 'DELETED') {
    return { vm: 'absent', observation: absent('server', entity) };
  }
  const words = wordsOf(item);
  const state = serverState(words);
  const observation: Observation = {
    kind: 'server',
    entity,
    state: state ? stateName(state) : 'unknown',
    reason: novaWords(words),
    attributes: attributesOf(item, words),
  };
  return { item, vm: state?.vm ?? 'unknown', observation };
}

function wordsOf(item: Item): NovaWords {
  const task = item['OS-EXT-STS:task_state'];
  return {
    vm_state: String(item['OS-EXT-STS:vm_state']),
    task_state: typeof task === 'string' ? task : null,
    power_state: Number(item['OS-EXT-STS:power_state'] ?? 0),
    ...(typeof item['host_status'] === 'string' && { host_status: item['host_status'] }),
  };
}

function attributesOf(item: Item, words: NovaWords) {
  const flavor = isObject(item['flavor']) ? item['flavor'] : {};
  const image = isObject(item['image']) ? item['image'] : {};
  const networks = isObject(item['addresses']) ? Object.entries(item['addresses']) : [];
  const [address] = networks.flatMap(([, addresses]) => addresses).filter(isObject);
  return attributes({
    id: item['id'],
    status: item['status'],
    flavor: flavor['original_name'] ?? flavor['id'],
    vcpus: flavor['vcpus'],
    memory_bytes: Number(flavor['ram']) * MIB,
    disk_bytes: Number(flavor['disk']) * GIB,
    image: image['id'],
    host: item['OS-EXT-SRV-ATTR:host'],
    zone: item['OS-EXT-AZ:availability_zone'],
    project: item['tenant_id'],
    network: networks[0]?.[0],
    address: address?.['addr'],
    locked: item['locked'],
    host_status: words.host_status,
  });
}

async function projectNames(
  { session }: CloudContext,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const { roles } = await session.whoAmI();
  if (!roles.includes('admin')) return new Map();
  const projects = await listAll(session, 'project', { signal });
  return new Map(projects.map(({ id, name }) => [String(id), String(name)]));
}

function inError(act: Act, { item }: SeenServer) {
  const { verb, entity } = act.action;
  const fault = isObject(item?.['fault']) ? item['fault'] : {};
  const message = String(fault['message'] ?? 'nova says no more');
  return failure(
    `${verb} of server ${entity} ended in ERROR: ${message}`,
    `${fault['code'] ?? ''}`,
  );
}

function failed(act: Act, message: string) {
  const { verb, entity } = act.action;
  return failure(`${verb} of server ${entity}: ${message}`, 'os-instance-actions');
}

function failure(what: string, upstream: string) {
  return openstackFault(failedCode(what), what, { ...(upstream !== '' && { upstream }) });
}

function endedOtherwise(act: Act, { observation }: SeenServer) {
  const { verb, entity } = act.action;
  return openstackFault(
    'OPENSTACK_ENDED_OTHERWISE',
    `${verb} of server ${entity}: it is ${observation.reason} instead`,
  );
}
