import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HEARD, type Plant, step } from './planted.ts';

/** IPMI: the password, repeated by a program in the place of ipmitool. */
export const plantIpmi: Plant = async (folder, manner) => {
  const password = 'planted/ipmi+7Qz"x='; // IPMI allows 20 bytes
  const [inventory, ipmitool] = [join(folder, 'inventory.yaml'), join(folder, 'ipmitool')];
  const planted = {
    secrets: [password],
    options: { inventory, ipmitool },
    env: { IPMI_PASSWORD: password },
    operation: step('machine/planted', 'power_on', 'on'),
  };
  const field = manner === 'misread' ? `password: ${password}\n   x: [` : 'address: 127.0.0.1';
  writeFileSync(inventory, `machines:\n  - name: planted\n    ${field}\n`);
  const said = `echo "${HEARD} $IPMI_PASSWORD $*"; echo "Error: ${HEARD} $IPMI_PASSWORD" >&2; exit 1`;
  const status = `case "$*" in *status) echo "Chassis Power is off"; exit 0;; esac`;
  writeFileSync(ipmitool, `#!/bin/sh\n${manner === 'serves' ? status : ''}\n${said}\n`);
  chmodSync(ipmitool, 0o755);
  return { ...planted, isHeard: manner !== 'misread' };
};
