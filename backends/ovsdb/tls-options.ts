import type { TlsFiles } from './dial.ts';

type Named = 'private_key' | 'certificate' | 'ca_cert';

const OPTIONS: Readonly<Record<string, Named>> = {
  '--private-key': 'private_key',
  '-p': 'private_key',
  '--certificate': 'certificate',
  '-c': 'certificate',
  '--ca-cert': 'ca_cert',
  '-C': 'ca_cert',
};

/** The TLS files among a tool's options, as in OVN_NBCTL_OPTIONS; other options are not ours. */
export function tlsFromOptions(text: string | undefined): TlsFiles {
  const words = (text ?? '').split(/\s+/).filter(Boolean);
  const found: Partial<Record<Named, string>> = {};
  for (let at = 0; at < words.length; at++) {
    const [option, value] = split(words[at]);
    const named = OPTIONS[option];
    if (named) found[named] = value ?? words[++at];
  }
  return found;
}

/** `--ca-cert=FILE` in two; the value of `--ca-cert FILE` is the next word. */
function split(word: string): readonly [string, string | undefined] {
  const at = word.indexOf('=');
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}
