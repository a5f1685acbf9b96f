/** Packs a charm of a few text files, as `charmcraft pack` would: a ZIP, here without compression. */
import { crc32 } from 'node:zlib';

/** A charm with two endpoints, an action and settings; `more` replaces or adds files. */
export function labCharm(name: string, more: Readonly<Record<string, string>> = {}): Buffer {
  return zip({
    'metadata.yaml': `name: ${name}\nsummary: A charm of the lab\ndescription: It installs nothing.\n${ENDPOINTS}`,
    'manifest.yaml': MANIFEST,
    'config.yaml': CONFIG,
    'actions.yaml': 'backup:\n  description: Does nothing for a moment.\n',
    dispatch: '#!/bin/sh\n',
    ...more,
  });
}

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
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, name);
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
