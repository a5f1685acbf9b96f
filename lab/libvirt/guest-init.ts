/**
 * The first (and only) program of the lab's guest, run by its kernel as `/init`. It is a shell
 * script for busybox: loads the modules given, says `READY_MARKER` on the serial console, and
 * powers off when the host presses the ACPI power button, as a real operating system would.
 */

/** What the guest writes to its serial console when it is up. */
export const READY_MARKER = 'STRATA-GUEST-READY';

/** The ACPI power button as busybox's acpid names it: /etc/acpi/PWRF/00000080. */
const POWER_BUTTON = '/etc/acpi/PWRF/00000080';

/** `modules`: file names in the order in which they are inserted. */
export function guestInit(modules: readonly string[]): string {
  return `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
# A machine without the serial port that the kernel was told of has no console to open.
console=/dev/null
(: >/dev/console) 2>/dev/null && console=/dev/console
exec </dev/null >$console 2>&1
${modules.map((name) => `insmod /modules/${name} || echo "insmod ${name} failed"`).join('\n')}
mkdir -p ${POWER_BUTTON.slice(0, POWER_BUTTON.lastIndexOf('/'))}
printf '#!/bin/sh\\necho power button >%s\\npoweroff -f\\n' $console >${POWER_BUTTON}
chmod +x ${POWER_BUTTON}
# The button's input device appears a moment after its module; acpid looks for it only once.
for look in 1 2 3 4 5 6 7 8 9 10; do
  grep -q 'Power Button' /proc/bus/input/devices && [ -e /dev/input/event0 ] && break
  usleep 100000
done
acpid -l $console -p /acpid.pid
echo "${READY_MARKER} uptime_s=$(cut -d' ' -f1 /proc/uptime)"
while true; do sleep 3600; done
`;
}
