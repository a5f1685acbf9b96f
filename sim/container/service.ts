/** What the simulated container layer offers the layers above it. */
export interface ContainerService {
  /** Starts the runtime of a host OS or of a server; the one there is, if there is one already. */
  startRuntime(host: number, cause: number): number;
  /** A number that changes with every boot of the host of a runtime. */
  bootOf(runtime: number): number;
  /** Takes a runtime away with all that it holds: images, sandboxes, containers. */
  removeRuntime(runtime: number, cause: number): void;
  /** An image in the store of a runtime; created `absent` when it is asked for first. */
  imageOf(runtime: number, image: string, cause: number): number;
  /** The name by which an image was asked for. */
  imageName(image: number): string;
  imageSize_bytes(image: string): number;
}
