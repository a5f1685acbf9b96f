/** Quantities as Kubernetes writes them (k8s.io/apimachinery, `resource.Quantity`). */
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
};

/** The number, such as 134217728 for `128Mi`; undefined for what is no quantity. */
export function quantity(text: string | undefined): number | undefined {
  const match = /^([+-]?[0-9]+(?:\.[0-9]*)?|[+-]?\.[0-9]+)([eE][+-]?[0-9]+|[a-zA-Z]{0,2})$/.exec(
    text ?? '',
  );
  if (!match) return undefined;
  const [, digits, suffix] = match;
  if (/^[eE][+-]?[0-9]+$/.test(suffix)) return Number(`${digits}${suffix}`);
  const binary = BINARY.indexOf(suffix);
  const factor = binary >= 0 ? 1024 ** (binary + 1) : DECIMAL[suffix];
  return factor === undefined ? undefined : Number(digits) * factor;
}

/** Thousandths of a CPU, such as 250 for `250m`; rounded up, as the scheduler counts them. */
export function cpu_m(text: string | undefined): number | undefined {
  const cpus = quantity(text);
  return cpus === undefined ? undefined : Math.ceil(Number((cpus * 1000).toFixed(6)));
}
