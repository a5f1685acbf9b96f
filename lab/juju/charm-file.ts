/** Packs a charm of a few text files, as `charmcraft pack` would: a ZIP, here without compression. */
import { crc32 } from 'node:zlib';

/** A charm with two endpoints, an action and settings; `more` replaces or adds files. */
export function labCharm(name: string, more: Readonly<Record<string, string>> = {}): Buffer {
  return zip({
    'metadata.yaml': `name: ${name}\nsummary: A charm of the lab\ndescription: It installs nothing.\n${ENDPOINTS}`,
    'manifest.yaml': MANIFEST,
    'config.yaml': CONFIG,
    'actions.yaml': ACTIONS,
    dispatch: DISPATCH,
    ...more,
  });
}

const ACTIONS = `backup:
  description: Does nothing for a moment.
  params:
    fail:
      type: boolean
      description: Whether it fails.
`;

const ENDPOINTS = `provides:
  server:
    interface: lab
requires:
  client:
    interface: lab
`;

const MANIFEST = `bases:
- name: ubuntu
  channel: '22.04'
  architectures: [amd64]
`;

const CONFIG = `options:
  fail-hook:
    type: string
    default: ''
    description: Name of a hook that fails.
  workload-status:
    type: string
    default: ''
    description: Status of the workload instead of active.
  title:
    type: string
    default: lab
    description: Any text.
`;

/** What a real agent runs for every hook and action; the lab's own agents only follow its settings. */
const DISPATCH = `#!/bin/sh
failing=$(config-get fail-hook)
wanted=$(config-get workload-status)
case "$JUJU_DISPATCH_PATH" in
  "hooks/$failing") exit 1 ;;
  hooks/stop | hooks/remove) exit 0 ;;
  actions/*) [ "$(action-get fail)" != True ] || action-fail "it was asked to fail" ;;
  *) status-set "\${wanted:-active}" ;;
esac
`;

/** `dispatch` is run, so that all are marked as files that may be (Unix modes, APPNOTE 4.4.15). */
const MODE = 0o100_755;
const MADE_ON_UNIX = 3;

/** A ZIP with its files as they are (PKWARE APPNOTE 6.3, method 0). */
export function zip(files: Readonly<Record<string, string>>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(files)) {
    const [name, data] = [Buffer.from(path), Buffer.from(text)];
    // From the needed version on, both headers are the same.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(MODE * 2 ** 16, 6);
    tail.writeUInt32LE(offset, 10);
    const version = Buffer.from([20, MADE_ON_UNIX]);
    directory.push(Buffer.from('PK\x01\x02', 'latin1'), version, common, tail, name);
    const local = [Buffer.from('PK\x03\x04', 'latin1'), common, name, data];
    bodies.push(...local);
    offset += local.reduce((sum, each) => sum + each.length, 0);
  }
  const end = Buffer.alloc(22);
  const count = Object.keys(files).length;
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, ...directory, end]);
}
