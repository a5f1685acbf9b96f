/** Images in the stores of runtimes: pulled once, as fast as registry and unpacking allow. */
import { hashString } from '../../engine/random.ts';
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';

export class Images {
  readonly #world: SimWorld;
  readonly #kind: number;
  /** Images of each runtime by name, by the runtime's uid. */
  readonly #byRuntime = new Map<number, Map<string, number>>();
  readonly #sizes_bytes = new Map<string, number>();
  readonly #names: string[] = [];
  /** Index into `#names` of each image. */
  readonly #nameNumber: EntityMap;

  constructor(world: SimWorld) {
    const { engine } = world;
    this.#world = world;
    this.#nameNumber = new EntityMap(world.engine);
    this.#kind = engine.model.kindId('container-image');
    engine.onRemoved('container-runtime', (runtime) => {
      this.#byRuntime.delete(engine.uidOf(runtime));
    });
    this.#registerPull();
  }

  /** An image in the store of a runtime; created `absent` when it is asked for first. */
  of(runtime: number, name: string, cause: number): number {
    const { engine } = this.#world;
    const uid = engine.uidOf(runtime);
    let images = this.#byRuntime.get(uid);
    if (!images) {
      images = new Map();
      this.#byRuntime.set(uid, images);
    }
    const known = images.get(name);
    if (known !== undefined) return known;
    const image = engine.create(this.#kind, `${engine.names[runtime]}-${name}`, cause);
    this.#nameNumber.set(image, this.#numberOf(name));
    engine.link(runtime, image, cause);
    images.set(name, image);
    return image;
  }

  /** The name by which an image was asked for. */
  nameOf(image: number): string {
    return this.#names[this.#nameNumber.get(image)];
  }

  /** As the scenario says; drawn, always the same, for an image it does not name. */
  size_bytes(name: string): number {
    let size_bytes = this.#sizes_bytes.get(name);
    if (size_bytes === undefined) {
      size_bytes = this.#sizeOfImage(name);
      this.#sizes_bytes.set(name, size_bytes);
    }
    return size_bytes;
  }

  /** Transfer and unpacking take their time by size; the verb's own time is the registry's. */
  #registerPull(): void {
    const world = this.#world;
    const { engine, scheduler } = world;
    const verb = world.verbId('container-image', 'pull');
    const rate = world.timing('container-image.pull_rate_bytes_per_s');
    const transferred = scheduler.handler((image, token) => {
      if (engine.isRequested(image, token)) world.answerLater(image, token, verb);
    });
    world.onVerb('container-image', 'pull', (image, token) => {
      const size_bytes = this.size_bytes(this.nameOf(image));
      scheduler.after(size_bytes / world.draw(image, rate), transferred, image, token);
    });
  }

  #numberOf(name: string): number {
    const known = this.#names.indexOf(name);
    return known >= 0 ? known : this.#names.push(name) - 1;
  }

  #sizeOfImage(name: string): number {
    const images = this.#world.scenario.stack.containers?.images ?? {};
    if (Object.hasOwn(images, name)) return images[name].size_bytes;
    const { distribution } = this.#world.profile.get('container-image.size_bytes');
    return this.#world.drawKeyed(distribution, hashString('image-size'), hashString(name), 0);
  }
}
