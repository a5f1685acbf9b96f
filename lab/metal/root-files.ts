/** What the deployed system has beside Debian's packages. */
import { DISK } from './layout.ts';

/** Debian packages of the deployed system. */
export const ROOT_PACKAGES: readonly string[] = [
  ...['systemd-sysv', 'udev', 'dbus', 'openssh-server', 'iproute2', 'kmod', 'procps'],
];

/** Taken out: what a system that is small and in English does without. */
export const ROOT_WITHOUT: readonly string[] = [
  ...[
    'doc',
    'man',
    'info',
    'locale',
    'zoneinfo',
    'lintian',
    'bash-completion',
    'perl',
    'common-licenses',
  ].map((name) => `/usr/share/${name}`),
  ...['/usr/lib/udev/hwdb.d', '/usr/lib/udev/hwdb.bin', '/usr/lib/x86_64-linux-gnu/gconv'],
  ...['/usr/lib/x86_64-linux-gnu/perl-base', '/etc/ssh/moduli', '/etc/machine-id'],
  ...['/var/cache/apt', '/var/lib/apt/lists', '/var/cache/debconf'],
];

/**
 * Run once: asks the service who it is and who may sign in, makes the host's keys, and tells the
 * service the public one, so that nobody need trust the first key that is offered.
 */
const FIRST_BOOT = `#!/bin/bash
set -e
api=$(cat /var/lib/metal/api)
mac=$(cat /sys/class/net/eth0/address)
host=\${api#http://}
ask() { # METHOD PATH [BODY]
  exec 3<>"/dev/tcp/\${host%:*}/\${host#*:}"
  printf '%s %s HTTP/1.0\\r\\nHost: %s\\r\\nContent-Length: %d\\r\\n\\r\\n%s' "$1" "$2" "$host" "\${#3}" "$3" >&3
  while IFS= read -r line <&3; do [ "$line" = $'\\r' ] && break; done
  cat <&3
  exec 3>&-
}
name=$(ask GET "/metadata/$mac/local-hostname")
echo "$name" >/etc/hostname
hostname "$name"
install -d -m 700 /root/.ssh
ask GET "/metadata/$mac/public-keys" >/root/.ssh/authorized_keys
chmod 600 /root/.ssh/authorized_keys
rm -f /etc/ssh/ssh_host_*
ssh-keygen -q -t ed25519 -N '' -C "$name" -f /etc/ssh/ssh_host_ed25519_key
touch /var/lib/metal/booted
`;

/** After the server listens, so that who is told can connect. */
const PHONE_HOME = `#!/bin/bash
set -e
api=$(cat /var/lib/metal/api)
mac=$(cat /sys/class/net/eth0/address)
host=\${api#http://}
body="{\\"hostname\\":\\"$(hostname)\\",\\"host_key\\":\\"$(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)\\",\\"uptime_s\\":$(cut -d' ' -f1 /proc/uptime)}"
exec 3<>"/dev/tcp/\${host%:*}/\${host#*:}"
printf 'POST /phone-home/%s HTTP/1.0\\r\\nHost: %s\\r\\nContent-Length: %d\\r\\n\\r\\n%s' "$mac" "$host" "\${#body}" "$body" >&3
cat <&3 >/dev/null
`;

const unit = (description: string, program: string, order: readonly string[]) => `[Unit]
Description=${description}
Wants=network-online.target
${order.join('\n')}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${program}

[Install]
WantedBy=multi-user.target
`;

export const ENABLED_UNITS: readonly string[] = [
  ...[
    'systemd-networkd',
    'systemd-networkd-wait-online',
    'ssh',
    'metal-first-boot',
    'metal-phone-home',
  ],
];
export const MASKED_UNITS: readonly string[] = [
  ...['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'fstrim.timer'],
  ...['e2scrub_all.timer', 'e2scrub_reap.service', 'systemd-pstore.service', 'getty@tty1.service'],
  ...['systemd-hwdb-update.service', 'systemd-resolved.service'],
];

export const EXECUTABLES: Readonly<Record<string, string>> = {
  'usr/local/sbin/metal-first-boot': FIRST_BOOT,
  'usr/local/sbin/metal-phone-home': PHONE_HOME,
};

/** Files by path below the root. */
export const ROOT_FILES: Readonly<Record<string, string>> = {
  'boot/extlinux.conf': `DEFAULT linux
PROMPT 0
TIMEOUT 0
LABEL linux
  LINUX /boot/vmlinuz
  APPEND root=${DISK}p1 ro rootfstype=ext4 net.ifnames=0 console=ttyS0 panic=10 mitigations=off
`,
  'etc/fstab': `${DISK}p1 / ext4 defaults,noatime 0 1\n`,
  'etc/systemd/network/10-eth0.network':
    '[Match]\nName=eth0\n\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n',
  'etc/modules-load.d/metal.conf': 'button\nevdev\nvirtio_net\n',
  'etc/ssh/sshd_config.d/metal.conf':
    'PermitRootLogin prohibit-password\nPasswordAuthentication no\nUseDNS no\n',
  'etc/systemd/system/metal-first-boot.service': unit(
    'Who this machine is, and who may sign in',
    '/usr/local/sbin/metal-first-boot',
    [
      'After=network-online.target',
      'Before=ssh.service',
      'ConditionPathExists=!/var/lib/metal/booted',
    ],
  ),
  'etc/systemd/system/metal-phone-home.service': unit(
    'Tells the service that this machine is up',
    '/usr/local/sbin/metal-phone-home',
    ['After=network-online.target ssh.service'],
  ),
};
