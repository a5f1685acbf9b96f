import { FakeLibvirtd } from '../backends/libvirt/fake-libvirtd.ts';
import { type Plant, saying, secretOf, step } from './planted.ts';

/** libvirt: a password in the URI, and that of a display in a domain's definition. */
export const plantLibvirt: Plant = async (_, manner) => {
  const [inUri, display] = ['libvirt-uri', 'libvirt-display'].map(secretOf);
  const secrets = [inUri, display];
  const operation = step('domain/planted', 'define', 'shutoff', {
    ...{ vcpus: 1, memory_bytes: 2 ** 28 },
  });
  if (manner === 'misread') {
    const uri = `qemu+tcp://user:${encodeURIComponent(inUri)}@host/system`;
    return { secrets, env: { LIBVIRT_DEFAULT_URI: uri }, isHeard: false, operation };
  }
  const xml = `<domain><name>vm</name><devices>
    <graphics type='vnc' passwd='${display.replaceAll('"', '&quot;')}'/></devices></domain>`;
  const server = new FakeLibvirtd({
    connect_get_lib_version: (call) => call.error(3, 0, saying([])),
    domain_get_xml_desc: (call) => call.reply({ xml }),
    domain_define_xml_flags: (call) => call.error(1, 10, saying([])),
    domain_lookup_by_name: (call) => call.error(42, 10, saying([])),
    ...(manner === 'refuses' && {
      connect_open: (call) => call.error(45, 7, saying([])),
    }),
  });
  await server.listen();
  const env = { LIBVIRT_DEFAULT_URI: `${server.uri}&password=${encodeURIComponent(inUri)}` };
  return { secrets, env, isHeard: true, operation, close: () => server.close() };
};
