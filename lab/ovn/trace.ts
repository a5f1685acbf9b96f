/** ovn-trace: where OVN itself says that a packet goes. It needs no chassis, and ignores where ports are. */
import { command } from '../command.ts';
import { northboundRemote, southboundRemote } from './paths.ts';

const TIMEOUT_S = 30;
/** Each passage through connection tracking takes one; a packet passes a few switches. */
const TRACKED = Array.from({ length: 12 }, () => '--ct=new');

/** Runs commands of `ovn-nbctl` in one transaction, and waits until northd has followed. */
export async function nbctl(commands: readonly (readonly string[])[]): Promise<void> {
  const args = commands.flatMap((each, i) => (i === 0 ? each : ['--', ...each]));
  const all = [`--db=${northboundRemote()}`, `--timeout=${TIMEOUT_S}`, '--wait=sb', ...args];
  await command('ovn-nbctl', all);
}

/** Where a packet is put out, and the addresses that it was given on its way. */
export interface TracedOutput {
  readonly port: string;
  readonly source?: string;
  readonly destination?: string;
}

/**
 * The ports that the first packet of a connection is put out at, as ovn-trace follows it. `flow` is a
 * microflow in OVN's language. Which of several backends and routes it takes is decided by chance, anew
 * at every call. (`--lb-dst` would say it, but then the packet has that address from its first passage
 * through connection tracking on, as a later packet has, and rules do not see the virtual address.)
 */
export async function trace(onSwitch: string, flow: string): Promise<readonly TracedOutput[]> {
  const args = [`--db=${southboundRemote()}`, '--minimal', ...TRACKED];
  const all = [...args, onSwitch, flow];
  const said = (await command('ovn-trace', all, { timeout_s: TIMEOUT_S })).toString();
  // A flow that does not parse ends well all the same, with words about it.
  if (/^(syntax error|error parsing)/m.test(said)) throw new Error(`${flow}: ${said}`);
  return outputsOf(said);
}

/** Blocks about packets that OVN makes: the question who has an address, and refusals. */
const OTHERS = /^( *)(?:arp|nd_ns|icmp[46](?:_error)?|tcp_reset|reject) \{\n[\s\S]*?^\1\};\n/gm;
/** From here on it is a router's answer to an echo request. */
const ECHO_REPLY = /icmp4\.type = 0;|icmp6\.type = 129;/;

/** Reads what `ovn-trace --minimal` prints. */
function outputsOf(said: string): readonly TracedOutput[] {
  const outputs: TracedOutput[] = [];
  const given: { source?: string; destination?: string } = {};
  const words = /output\("([^"]+)"\)|ip[46]\.(src|dst) ?= ?([\da-f.:]+)/g;
  const [own] = said.replace(OTHERS, '').split(ECHO_REPLY);
  for (const [, port, which, address] of own.matchAll(words)) {
    if (port !== undefined) outputs.push({ port, ...given });
    else given[which === 'src' ? 'source' : 'destination'] = address;
  }
  return outputs;
}
