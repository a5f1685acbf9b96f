import type { Secret } from '../secret.ts';

/** One cloud, as its users configure it; secrets are wrapped from the moment they are read. */
export interface Cloud {
  /** The name in clouds.yaml, or `envvars`. */
  readonly name: string;
  readonly auth_url: string;
  readonly credentials: Credentials;
  readonly scope: Scope;
  readonly region?: string;
  readonly interface: 'public' | 'internal' | 'admin';
  /** PEM of the certificate authorities to trust instead of the system's. */
  readonly ca?: string;
  /** The user's own certificate, PEM, and its key. */
  readonly client?: { readonly cert: string; readonly key: Secret };
  /** False only when the user's configuration says so: any certificate is taken then. */
  readonly verify: boolean;
  /** Endpoints that count instead of the catalogue's, by service type. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Microversions that count instead of negotiated ones, by service type. */
  readonly microversions: Readonly<Record<string, string>>;
}

/** A user, project or such: by id, or by name within a domain. */
export interface Named {
  readonly id?: string;
  readonly name?: string;
  readonly domain?: { readonly id?: string; readonly name?: string };
}

export type Credentials =
  | { readonly method: 'password'; readonly user: Named; readonly password: Secret }
  | {
      readonly method: 'application_credential';
      /** By id, or by the name that it has with its user. */
      readonly credential: Named;
      readonly user?: Named;
      readonly secret: Secret;
    }
  | { readonly method: 'token'; readonly token: Secret };

export type Scope =
  | { readonly type: 'project'; readonly project: Named }
  | { readonly type: 'domain'; readonly domain: Named }
  | { readonly type: 'system' }
  /** What the credentials bring themselves. */
  | { readonly type: 'unscoped' };

/** The body that asks keystone for a token (POST /v3/auth/tokens). Holds the secret. */
export function authBody({ credentials, scope }: Cloud): string {
  return JSON.stringify({ auth: { identity: identityOf(credentials), ...scopeOf(scope) } });
}

function identityOf(credentials: Credentials): object {
  const { method } = credentials;
  switch (method) {
    case 'password': {
      const user = { ...credentials.user, password: credentials.password.reveal() };
      return { methods: [method], password: { user } };
    }
    case 'application_credential': {
      const { credential, user, secret } = credentials;
      const owner = credential.id === undefined && user ? { user } : {};
      return { methods: [method], [method]: { ...credential, ...owner, secret: secret.reveal() } };
    }
    case 'token':
      return { methods: [method], token: { id: credentials.token.reveal() } };
  }
}

function scopeOf(scope: Scope): object {
  switch (scope.type) {
    case 'project':
      return { scope: { project: scope.project } };
    case 'domain':
      return { scope: { domain: scope.domain } };
    case 'system':
      return { scope: { system: { all: true } } };
    case 'unscoped':
      return {};
  }
}

export function secretsOf(cloud: Cloud): Secret[] {
  return [...credentialSecrets(cloud), ...(cloud.client ? [cloud.client.key] : [])];
}

function credentialSecrets({ credentials }: Cloud): Secret[] {
  switch (credentials.method) {
    case 'password':
      return [credentials.password];
    case 'application_credential':
      return [credentials.secret];
    case 'token':
      return [credentials.token];
  }
}
