import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { command } from '../command.ts';

/** What an image runs by default (OCI image specification, config). */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
}

/** The same bytes whenever the same files are packed. */
const TAR = ['--sort=name', '--mtime=@0', '--numeric-owner', '--owner=0', '--group=0'];
const EPOCH = '1970-01-01T00:00:00Z';

/** Content types of the OCI image specification, version 1. */
const TYPE = {
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  config: 'application/vnd.oci.image.config.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
} as const;

/** Packs a folder as an OCI image of one layer (image layout 1.0.0 in a tar file). */
export async function packImage(
  name: string,
  root: string,
  config: ImageConfig,
  file: string,
): Promise<void> {
  const layout = mkdtempSync(join(dirname(file), '.layout-'));
  try {
    const blobs = join(layout, 'blobs/sha256');
    mkdirSync(blobs, { recursive: true });
    const put = (bytes: Buffer) => {
      const digest = sha256(bytes);
      writeFileSync(join(blobs, digest), bytes);
      return { digest: `sha256:${digest}`, size: bytes.length };
    };
    const tar = await command('tar', [...TAR, '-C', root, '-cf', '-', '.']);
    const platform = { architecture: 'amd64', os: 'linux' };
    const described = {
      ...platform,
      created: EPOCH,
      config,
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(tar)}`] },
      history: [{ created: EPOCH }],
    };
    const manifest = {
      schemaVersion: 2,
      mediaType: TYPE.manifest,
      config: { mediaType: TYPE.config, ...put(json(described)) },
      layers: [{ mediaType: TYPE.layer, ...put(gzipSync(tar)) }],
    };
    const annotations = { 'io.containerd.image.name': name };
    const entry = { mediaType: TYPE.manifest, ...put(json(manifest)), platform, annotations };
    writeFileSync(join(layout, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
    writeFileSync(join(layout, 'index.json'), json({ schemaVersion: 2, manifests: [entry] }));
    const parts = ['oci-layout', 'index.json', 'blobs'];
    await command('tar', [...TAR, '-C', layout, '-cf', `${file}.new`, ...parts]);
    renameSync(`${file}.new`, file); // whole or absent, never half
  } finally {
    rmSync(layout, { recursive: true });
  }
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
