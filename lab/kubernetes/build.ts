import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../command.ts';
import { LabError } from '../error.ts';
import { cacheFolder } from '../folder.ts';

/** The release that the lab runs; `build/go.mod` names it again. */
export const KUBERNETES_VERSION = 'v1.37.2';
/** The oldest Go that compiles it. */
const GO_MIN = [1, 26] as const;

const VERSION_PACKAGE = 'k8s.io/component-base/version';
const BUILD_S = 3_600;

/**
 * Compiles every daemon of Kubernetes and etcd into one program, from the modules that the project
 * publishes; returns its path. Go keeps what it compiled in its own cache as well.
 */
export async function buildKubernetes(): Promise<{ program: string; remark: string }> {
  const go = await goVersion();
  const source = sourceFolder();
  const files = ['go.mod', 'go.sum', 'main.go'].map((name) => readFileSync(join(source, name)));
  const key = createHash('sha256').update(Buffer.concat(files)).update(go).digest('hex');
  const folder = join(cacheFolder('kubernetes'), key.slice(0, 16));
  const program = join(folder, 'kube');
  if (existsSync(program)) return { program, remark: `cached, ${KUBERNETES_VERSION}` };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const [major, minor] = KUBERNETES_VERSION.slice(1).split('.');
  const values = { gitVersion: KUBERNETES_VERSION, gitMajor: major, gitMinor: minor };
  const set = Object.entries(values).map(
    ([name, value]) => `-X ${VERSION_PACKAGE}.${name}=${value}`,
  );
  const flags = ['-s', '-w', ...set].join(' ');
  await command(
    'nice',
    ['go', 'build', '-trimpath', '-ldflags', flags, '-o', `${program}.new`, '.'],
    {
      cwd: source,
      env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -buildvcs=false' },
      timeout_s: BUILD_S,
    },
  );
  renameSync(`${program}.new`, program); // whole or absent, never half
  return { program, remark: `built ${KUBERNETES_VERSION} with ${go}` };
}

/** The program of the last build. */
export async function kubernetesProgram(): Promise<string> {
  return (await buildKubernetes()).program;
}

async function goVersion(): Promise<string> {
  const told = await command('go', ['version']).catch(() => Buffer.from(''));
  const [, version = '', major = '0', minor = '0'] =
    /go((\d+)\.(\d+)\S*)/.exec(told.toString()) ?? [];
  const isEnough =
    Number(major) > GO_MIN[0] || (Number(major) === GO_MIN[0] && Number(minor) >= GO_MIN[1]);
  if (isEnough) return `go${version}`;
  throw new LabError(
    'LAB_GO_MISSING',
    `Kubernetes ${KUBERNETES_VERSION} needs Go ${GO_MIN.join('.')}; found ${version || 'none'}`,
    'Install a newer Go, so that `go version` finds it.',
  );
}

/** The Go files stay beside the TypeScript sources; both `lab/` and `dist/lab/` use them. */
function sourceFolder(): string {
  const here = import.meta.dirname;
  const beside = join(here, 'build');
  return existsSync(join(beside, 'go.mod')) ? beside : join(here, '../../../lab/kubernetes/build');
}
