/** The search box with its list, and the filter by layer or kind. */
import { LAYERS } from '../../model/layers.ts';
import { byId, h, swatch } from './dom.ts';
import { count } from './format.ts';
import { LAYER_TITLES } from './ground.ts';
import { fullName } from './replay.ts';
import type { Scene } from './scene.ts';
import { NameIndex } from './search.ts';
import type { State } from './store.ts';

const LISTED_MAX = 14;

export class SearchView {
  private readonly scene: Scene;
  private readonly input = byId<HTMLInputElement>('search');
  private readonly list = byId('search-list');
  private readonly filter = byId<HTMLSelectElement>('filter');
  private readonly names: NameIndex;
  private found: number[] = [];
  private active = 0;

  constructor(scene: Scene) {
    this.scene = scene;
    const { replay } = scene;
    this.names = new NameIndex(
      replay.nameOf.map((name, e) => (name === '' ? '' : fullName(replay, e))),
    );
    this.fillFilter();
    this.listen();
  }

  update(state: State, before: State): void {
    if (state.filter !== before.filter) this.filter.value = state.filter;
    if (state.matches !== before.matches && state.matches.size === 0) this.close(true);
  }

  private fillFilter(): void {
    const { replay, slots } = this.scene;
    const present = new Set(slots.blocks.map((block) => block.kind));
    this.filter.append(h('option', { text: 'All layers', attrs: { value: '' } }));
    for (const [layer, name] of [...LAYERS.entries()].reverse()) {
      const kinds = replay.kinds.filter((kind, k) => kind.layer === layer && present.has(k));
      if (kinds.length === 0) continue;
      const group = h('optgroup', { attrs: { label: LAYER_TITLES[name] } });
      group.append(
        h('option', { text: `All of ${LAYER_TITLES[name]}`, attrs: { value: `layer:${name}` } }),
      );
      for (const { kind } of kinds)
        group.append(h('option', { text: kind, attrs: { value: `kind:${kind}` } }));
      this.filter.append(group);
    }
  }

  private listen(): void {
    const { store } = this.scene;
    this.filter.addEventListener('change', () => store.set({ filter: this.filter.value }));
    this.input.addEventListener('input', () => this.search());
    this.input.addEventListener('focus', () => this.search());
    this.input.addEventListener('blur', () => this.close(false));
    this.input.addEventListener('keydown', (event) => this.onKey(event));
  }

  private search(): void {
    this.found = this.names.find(this.input.value);
    this.active = 0;
    this.scene.store.set({ matches: new Set(this.found) });
    this.show();
  }

  private show(): void {
    const { replay, cursor } = this.scene;
    const isOpen = this.input.value.trim() !== '';
    this.list.hidden = !isOpen;
    this.input.setAttribute('aria-expanded', String(isOpen));
    const items = this.found.slice(0, LISTED_MAX).map((e, i) => {
      const item = h('div', {
        attrs: { role: 'option', id: `found-${i}`, 'aria-selected': String(i === this.active) },
      });
      if (cursor.isAlive(e)) item.append(swatch(cursor.classOf(e)));
      item.append(h('span', { text: fullName(replay, e) }));
      if (!cursor.isAlive(e)) item.append(h('small', { text: 'not there now' }));
      item.addEventListener('pointerdown', (event) => {
        event.preventDefault();
        this.choose(e);
      });
      return item;
    });
    const rest = this.found.length - items.length;
    const note =
      this.found.length === 0
        ? 'no entity has this name'
        : rest > 0
          ? `and ${count(rest)} more`
          : '';
    this.list.replaceChildren(...items, ...(note ? [h('p', { class: 'more', text: note })] : []));
    if (items.length > 0) this.input.setAttribute('aria-activedescendant', `found-${this.active}`);
    else this.input.removeAttribute('aria-activedescendant');
  }

  private choose(e: number): void {
    this.scene.store.set({ pinned: e, matches: new Set() });
    this.input.blur();
  }

  private close(clear: boolean): void {
    if (clear) this.input.value = '';
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
  }

  private onKey(event: KeyboardEvent): void {
    const last = Math.min(this.found.length, LISTED_MAX) - 1;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      this.active = Math.max(0, Math.min(last, this.active + (event.key === 'ArrowDown' ? 1 : -1)));
      this.show();
    } else if (event.key === 'Enter' && this.found.length > 0) {
      this.choose(this.found[this.active]);
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      this.scene.store.set({ matches: new Set() });
      this.close(true);
      this.input.blur();
    }
  }
}
