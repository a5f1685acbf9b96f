import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../backends/fault.ts';
import { parseRemotes, remoteText } from '../../../backends/ovsdb/remote.ts';
import { tlsFromOptions } from '../../../backends/ovsdb/tls-options.ts';
import { anyText } from '../../support/any-text.ts';

describe('remotes', () => {
  it.each([
    ['unix:/run/ovn/ovnnb_db.sock', [{ type: 'unix', path: '/run/ovn/ovnnb_db.sock' }]],
    ['tcp:10.0.0.1', [{ type: 'tcp', host: '10.0.0.1', port: 6640 }]],
    [
      'ssl:[fd00::1]:6641, ssl:nb.example:6641',
      [
        { type: 'ssl', host: 'fd00::1', port: 6641 },
        { type: 'ssl', host: 'nb.example', port: 6641 },
      ],
    ],
  ])('%s', (text, remotes) => {
    expect(parseRemotes(text)).toEqual(remotes);
    expect(parseRemotes(remotes.map((each) => remoteText(each as never)).join(','))).toEqual(
      remotes,
    );
  });

  it('of any other form are refused', () => {
    for (const text of [
      '',
      'unix:',
      'tcp:',
      'tcp:a:0',
      'tcp:a:65536',
      'udp:a:1',
      'ssl:fd00::1:6641',
    ]) {
      expect(() => parseRemotes(text), text).toThrow(FaultError);
    }
    fc.assert(
      fc.property(anyText(), (text) => {
        try {
          parseRemotes(text);
        } catch (cause) {
          expect(cause).toBeInstanceOf(FaultError);
        }
      }),
    );
  });
});

it('TLS files are found among the options of OVN_NBCTL_OPTIONS', () => {
  const text = '--wait=hv --ca-cert=/etc/ca.pem -p /etc/key.pem --certificate /etc/cert.pem';
  expect(tlsFromOptions(text)).toEqual({
    ...{ ca_cert: '/etc/ca.pem', private_key: '/etc/key.pem', certificate: '/etc/cert.pem' },
  });
  expect(tlsFromOptions(undefined)).toEqual({});
});
