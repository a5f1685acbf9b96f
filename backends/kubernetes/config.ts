import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { Secret } from '../secret.ts';
import { kubernetesFault } from './faults.ts';

/** How one cluster is reached, from a kubeconfig. */
export interface ClusterAccess {
  readonly context: string;
  readonly server: URL;
  readonly namespace: string;
  readonly ca?: string;
  readonly tls: {
    readonly cert?: string;
    readonly key?: Secret;
    readonly servername?: string;
    readonly rejectUnauthorized?: boolean;
  };
  /** Headers that say who asks; asked for anew each time, as tokens expire. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** What must never be repeated; grows as tokens are renewed. */
  readonly secrets: readonly Secret[];
}

export interface AccessOptions {
  /** Instead of KUBECONFIG and ~/.kube/config. */
  readonly kubeconfig?: string;
  /** Instead of the current context. */
  readonly context?: string;
}

/** In a pod the kubelet lays the service account's credentials there. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Reads the kubeconfig as kubectl does; throws `KUBERNETES_BAD_CONFIG`. */
export async function clusterAccess(
  options: AccessOptions,
  env: NodeJS.ProcessEnv,
): Promise<ClusterAccess> {
  const config = load(options, env);
  if (options.context !== undefined) config.setCurrentContext(options.context);
  const context = config.getCurrentContext();
  const cluster = config.getCurrentCluster();
  if (!cluster || !URL.canParse(cluster.server)) {
    const known = config.getContexts().map(({ name }) => name);
    const what = `context "${context}" names no cluster; contexts: ${known.join(', ') || 'none'}`;
    throw kubernetesFault('KUBERNETES_BAD_CONFIG', what);
  }
  const given = await applied(config);
  const secrets: Secret[] = [];
  return {
    context,
    server: new URL(cluster.server.replace(/\/?$/, '/')),
    namespace: config.getContextObject(context)?.namespace ?? 'default',
    ca: text(given.ca),
    tls: {
      cert: text(given.cert),
      key: given.key === undefined ? undefined : new Secret(text(given.key) ?? ''),
      ...(cluster.tlsServerName && { servername: cluster.tlsServerName }),
      ...(cluster.skipTLSVerify && { rejectUnauthorized: false }),
    },
    headers: async () => {
      const headers = headersOf(await applied(config));
      remember(secrets, Object.values(headers));
      return headers;
    },
    secrets,
  };
}

/** The credentials within headers such as `Authorization: Bearer TOKEN`. */
function remember(secrets: Secret[], headers: readonly string[]): void {
  for (const header of headers) {
    const value = header.replace(/^\S+ /, '');
    if (!secrets.some((secret) => secret.reveal() === value)) secrets.push(new Secret(value));
  }
}

function load(options: AccessOptions, env: NodeJS.ProcessEnv): KubeConfig {
  const files = options.kubeconfig
    ? [options.kubeconfig]
    : (env['KUBECONFIG'] ?? join(env['HOME'] ?? homedir(), '.kube/config')).split(delimiter);
  // kubectl passes over names of files that are not there.
  const there = files.filter((file) => file !== '' && existsSync(file));
  const config = new KubeConfig();
  try {
    if (there.length > 0) {
      const [first, ...others] = there;
      config.loadFromFile(first);
      for (const file of others) {
        const more = new KubeConfig();
        more.loadFromFile(file);
        config.mergeConfig(more, true);
      }
      return config;
    }
    if (options.kubeconfig === undefined && existsSync(SERVICE_ACCOUNT)) {
      config.loadFromCluster();
      return config;
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw kubernetesFault('KUBERNETES_BAD_CONFIG', `${there.join(', ')}: ${why}`);
  }
  throw kubernetesFault('KUBERNETES_BAD_CONFIG', `no kubeconfig at ${files.join(', ')}`);
}

/** What the client library makes of certificates, tokens and credential plugins. */
async function applied(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (cause) {
    // The message of a credential plugin may hold what it was asked for.
    const name = cause instanceof Error ? cause.name : 'unknown';
    throw kubernetesFault('KUBERNETES_BAD_CONFIG', `credentials are not to be had (${name})`);
  }
  return options;
}

function headersOf({ headers = {}, auth }: RequestOptions): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) found[name] = String(value);
  if (auth) found['Authorization'] = `Basic ${Buffer.from(auth).toString('base64')}`;
  return found;
}

function text(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return Buffer.isBuffer(value) ? value.toString() : String(value);
}
