/**
 * The first program of the system that a machine boots from the network: a shell script for busybox
 * that commissions the machine, deploys an image to its disk, or wipes it, as its kernel's command
 * line says, and tells the service of each step.
 */
import { DISK } from './layout.ts';

export type Mode = 'commission' | 'deploy' | 'wipe';

const WIPED_MIB = 64;

/** `modules`: file names in the order in which they are inserted. */
export function ramdiskInit(modules: readonly string[]): string {
  return `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
${modules.map((name) => `insmod /modules/${name}`).join('\n')}
for word in $(cat /proc/cmdline); do
  case $word in metal.api=*) api=\${word#*=} ;; metal.mode=*) mode=\${word#*=} ;; esac
done

cat >/bin/lease <<'END'
#!/bin/sh
[ "$1" = bound ] && ip addr add "$ip/$mask" dev "$interface"
exit 0
END
chmod +x /bin/lease
ip link set lo up
ip link set eth0 up
udhcpc -i eth0 -n -q -t 10 -T 1 -s /bin/lease
mac=$(cat /sys/class/net/eth0/address)

post() { wget -q -O - --header 'Content-Type: application/json' --post-file "$2" "$api/$1/$mac"; }
tell() {
  echo "{\\"event\\":\\"$1\\",\\"detail\\":\\"$2\\",\\"uptime_s\\":$(cut -d' ' -f1 /proc/uptime)}" >/event
  post events /event
  echo "METAL $1 $2"
}
fail() { tell failed "$1"; sync; poweroff -f; sleep 60; }
dmi() { cat "/sys/class/dmi/id/$1" 2>/dev/null; }

commission() {
  tell commissioning
  {
    echo '{"dmi":{"vendor":"'"$(dmi sys_vendor)"'","product":"'"$(dmi product_name)"'",'
    echo '"serial":"'"$(dmi product_serial)"'","uuid":"'"$(dmi product_uuid)"'"},'
    echo '"memory_bytes":'$(awk '/MemTotal/ { printf "%d", $2 * 1024 }' /proc/meminfo)','
    echo '"cpu":'; lscpu -J
    echo ',"block":'; lsblk -J -b -o NAME,TYPE,SIZE,MODEL,SERIAL
    # Named by path: the shell prefers its own, lesser program of that name.
    echo ',"network":'; /usr/bin/ip -j addr
    echo '}'
  } >/hardware.json
  post hardware /hardware.json || fail hardware
}

deploy() {
  tell deploying
  [ -b ${DISK} ] || fail 'no disk'
  dd if=/boot/mbr.bin of=${DISK} bs=440 count=1 conv=notrunc 2>/dev/null
  echo '2048,,83,*' | /usr/bin/sfdisk -q ${DISK} || fail partition
  for look in 1 2 3 4 5 6 7 8 9 10; do [ -b ${DISK}p1 ] && break; usleep 200000; done
  # Features that the boot loader does not read are left out.
  /usr/bin/mke2fs -q -F -t ext4 -O '^64bit,^metadata_csum,^has_journal' -E lazy_itable_init=1 ${DISK}p1 ||
    fail 'file system'
  mount -t ext4 ${DISK}p1 /mnt || fail mount
  tell partitioned
  wget -q -O - "$api/images/root.tar.zst" | /usr/bin/zstd -d -q -c | tar -x -C /mnt -f -
  [ -f /mnt/boot/vmlinuz ] || fail image
  tell extracted
  extlinux --install /mnt/boot || fail 'boot loader'
  mkdir -p /mnt/var/lib/metal
  echo "$api" >/mnt/var/lib/metal/api
  : >/mnt/etc/machine-id
  umount /mnt
  sync
  tell installed
}

wipe() {
  tell wiping
  dd if=/dev/zero of=${DISK} bs=1M count=${WIPED_MIB} conv=fsync 2>/dev/null || fail wipe
  tell wiped
}

case $mode in
  commission) commission; sync; poweroff -f ;;
  deploy) deploy; sleep 1; reboot -f ;;
  wipe) wipe; sync; poweroff -f ;;
  *) fail "mode $mode" ;;
esac
sleep 60
`;
}
