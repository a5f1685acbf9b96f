import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program in the place of ipmitool: a shell script that keeps the arguments it was given. */
export class FakeIpmitool {
  readonly folder = mkdtempSync(join(tmpdir(), 'strata-ipmi-'));
  readonly program = join(this.folder, 'ipmitool');

  /** `script` sees the arguments in `$args`, and a file of its own in `$state`. */
  is(script: string): void {
    const state = join(this.folder, 'state');
    const calls = join(this.folder, 'calls');
    writeFileSync(calls, '');
    writeFileSync(
      this.program,
      `#!/bin/sh\nargs="$*"\nstate='${state}'\necho "$args" >>'${calls}'\n${script}\n`,
    );
    chmodSync(this.program, 0o755);
  }

  /** A controller whose power is what was asked for. */
  isController(): void {
    writeFileSync(join(this.folder, 'state'), 'off');
    this.is(`case "$args" in
      *'power status') echo "Chassis Power is $(cat "$state")" ;;
      *'power on') echo on >"$state" ;;
      *'power off'|*'power soft') echo off >"$state" ;;
      *'mc info') echo 'IPMI Version              : 2.0' ;;
    esac`);
  }

  /** The arguments of each call. */
  calls(): readonly string[] {
    return readFileSync(join(this.folder, 'calls'), 'utf8').split('\n').filter(Boolean);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
