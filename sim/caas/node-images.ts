/** Which images the nodes of a cluster have, and how many nodes have each. */
import type { NodeRecord } from './records.ts';

export function addImage(node: NodeRecord, image: string): void {
  if (node.images.has(image)) return;
  node.images.add(image);
  const { nodesWithImage } = node.cluster;
  nodesWithImage.set(image, (nodesWithImage.get(image) ?? 0) + 1);
}

export function removeImage(node: NodeRecord, image: string): void {
  if (!node.images.delete(image)) return;
  const { nodesWithImage } = node.cluster;
  const left = (nodesWithImage.get(image) ?? 1) - 1;
  if (left > 0) nodesWithImage.set(image, left);
  else nodesWithImage.delete(image);
}
