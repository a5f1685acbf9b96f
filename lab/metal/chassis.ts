/**
 * The hardware behind a management controller, as the program that ipmi_sim calls:
 * `PROGRAM get WHAT...` and `PROGRAM set WHAT VALUE ...`. Power is a QEMU process.
 */
import { join } from 'node:path';
import { DISK_BYTES, type LabMachine, MEMORY_MIB, metalPaths } from './layout.ts';

/** While this file is in a machine's folder, its controller takes commands and does nothing yet. */
export const HOLD = 'hold';

export function chassisProgram(machine: LabMachine): string {
  const folder = metalPaths().machine(machine.name);
  const smbios = `type=1,manufacturer=Strata,product=Lab metal,serial=${machine.serial},uuid=${machine.uuid}`;
  const qemu = [
    ...['qemu-system-x86_64', '-name', machine.name, '-uuid', machine.uuid],
    ...['-machine', 'pc,accel=tcg,graphics=off', '-cpu', 'qemu64', '-smp', '1'],
    ...['-m', String(MEMORY_MIB), '-display', 'none', '-nodefaults', '-smbios', smbios],
    ...['-drive', `if=none,id=d0,file=${join(folder, 'disk.img')},format=raw,cache=unsafe`],
    ...['-device', `nvme,drive=d0,serial=NV-${machine.serial}`],
    ...['-netdev', `tap,id=n0,ifname=${tapName(machine)},script=no,downscript=no`],
    ...['-device', `virtio-net-pci,netdev=n0,mac=${machine.mac}`, '-device', 'virtio-rng-pci'],
    ...['-chardev', `file,id=c0,path=${join(folder, 'console.log')},append=on`],
    ...['-serial', 'chardev:c0', '-chardev', `pipe,id=m0,path=${join(folder, 'monitor')}`],
    ...['-mon', 'chardev=m0', '-pidfile', join(folder, 'pid'), '-daemonize'],
  ];
  return `#!/bin/sh
cd '${folder}' || exit 1
exec 2>>chassis.log

running() {
  pid=$(cat pid 2>/dev/null) && [ -n "$pid" ] && grep -qa qemu-system "/proc/$pid/cmdline" 2>/dev/null
}
up() {
  running && return 0
  [ -f disk.img ] || truncate -s ${DISK_BYTES} disk.img
  [ -p monitor.in ] || mkfifo monitor.in monitor.out
  # The controller's boot flag counts for the next boot only.
  order=order=c
  [ "$(cat boot 2>/dev/null)" = pxe ] && order=order=c,once=n
  rm -f boot
  ${qemu.map(quoted).join(' ')} -boot $order </dev/null >>qemu.log 2>&1 9>&-
}
down() {
  running || return 0
  kill -9 "$pid"
  while running; do sleep 0.05; done
  rm -f pid
}
monitor() { running && echo "$1" >monitor.in; }
# One after the other, in the order they came: one that is held keeps the next ones waiting.
switch() {
  flock 9
  while [ -f ${HOLD} ]; do sleep 0.05; done
  if [ "$1" = 1 ]; then up; else down; fi
}
power() {
  if [ -f ${HOLD} ]; then (switch "$1") 9>lock </dev/null >/dev/null 2>&1 &
  else (switch "$1") 9>lock
  fi
}

op=$1
shift
if [ "$op" = get ]; then
  for what in "$@"; do
    case $what in
      power) if running; then echo power:1; else echo power:0; fi ;;
      boot) echo "boot:$(cat boot 2>/dev/null || echo none)" ;;
      *) exit 1 ;;
    esac
  done
  exit 0
fi
while [ $# -gt 1 ]; do
  case $1 in
    power) power "$2" ;;
    reset) monitor system_reset ;;
    shutdown) monitor system_powerdown ;;
    boot) echo "$2" >boot ;;
    identify) ;;
    *) exit 1 ;;
  esac
  shift 2
done
exit 0
`;
}

export function tapName(machine: LabMachine): string {
  return `tap-${machine.name}`;
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
