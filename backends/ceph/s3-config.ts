import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'ini';
import { Secret } from '../secret.ts';
import { cephFault } from './faults.ts';

export interface S3Options {
  readonly endpoint?: string;
  readonly region?: string;
  /** A file with the certificate authorities to trust, PEM. */
  readonly ca_file?: string;
  /** A profile of the credentials file. */
  readonly profile?: string;
}

/** Where the object gateway is and as whom to come, as the tools of AWS are told. */
export interface S3Place {
  readonly endpoint: URL;
  readonly region: string;
  readonly ca?: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: Secret;
    readonly sessionToken?: Secret;
  };
}

/** Gateways ignore the region; something must be signed. */
const DEFAULT_REGION = 'us-east-1';

/**
 * Reads AWS_ENDPOINT_URL_S3, AWS_CA_BUNDLE, the keys of the environment, or those of a profile in
 * the credentials file. The client library's own search is not used: it would ask the network for
 * credentials of a virtual machine in a cloud.
 */
export function s3Place(options: S3Options, env: NodeJS.ProcessEnv): S3Place {
  const endpoint = options.endpoint ?? env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
  if (!endpoint) throw cephFault('CEPH_NO_GATEWAY', 'no endpoint is set');
  if (!URL.canParse(endpoint)) throw cephFault('CEPH_NO_GATEWAY', `'${endpoint}' is no URL`);
  const caFile = options.ca_file ?? env['AWS_CA_BUNDLE'];
  return {
    endpoint: new URL(endpoint),
    region: options.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? DEFAULT_REGION,
    ...(caFile ? { ca: readCa(caFile) } : {}),
    credentials: credentials(options, env),
  };
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw cephFault('CEPH_BAD_CONFIG', `CA certificates: ${(cause as Error).message}`);
  }
}

function credentials(options: S3Options, env: NodeJS.ProcessEnv): S3Place['credentials'] {
  const id = env['AWS_ACCESS_KEY_ID'];
  const key = env['AWS_SECRET_ACCESS_KEY'];
  if (options.profile === undefined && id && key) return keys(id, key, env['AWS_SESSION_TOKEN']);
  const file =
    env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(env['HOME'] ?? homedir(), '.aws/credentials');
  const profile = options.profile ?? env['AWS_PROFILE'] ?? 'default';
  const found = readProfile(file, profile);
  const { aws_access_key_id, aws_secret_access_key, aws_session_token } = found;
  if (aws_access_key_id && aws_secret_access_key) {
    return keys(aws_access_key_id, aws_secret_access_key, aws_session_token);
  }
  throw cephFault('CEPH_NO_CREDENTIALS', `profile ${profile} of ${file}`);
}

function keys(id: string, key: string, token: string | undefined): S3Place['credentials'] {
  return {
    accessKeyId: id,
    secretAccessKey: new Secret(key),
    ...(token ? { sessionToken: new Secret(token) } : {}),
  };
}

function readProfile(file: string, profile: string): Partial<Record<string, string>> {
  try {
    return (parse(readFileSync(file, 'utf8'))[profile] ?? {}) as Record<string, string>;
  } catch {
    return {};
  }
}
