/** What the rows of the OVN northbound database have in common: their life from insert to delete. */
import {
  defineKind,
  type KindDefinition,
  request,
  type StateConfig,
  type TransitionConfig,
} from '../kind.ts';

const DELETE: TransitionConfig = { target: 'deleting', description: 'the row is deleted' };
const GONE: TransitionConfig = { target: 'deleted', description: 'the row is no longer there' };
const THERE: TransitionConfig = { target: 'active', description: 'the row is there, in effect' };

export interface NorthboundRow {
  readonly kind: string;
  readonly describes: string;
  /** Its table and where that is described. */
  readonly source: string;
  /** More states, beside those of every row. */
  readonly states?: Readonly<Record<string, StateConfig>>;
  /** More transitions of the common states. */
  readonly on?: Readonly<
    Partial<Record<'creating' | 'active', Readonly<Record<string, TransitionConfig>>>>
  >;
  /** More events that need no answer in states which do not handle them. */
  readonly ignores?: readonly string[];
}

/** Transitions that every state of a row has which holds data. */
export const ROW_EVENTS: Readonly<Record<string, TransitionConfig>> = {
  delete: DELETE,
  gone: GONE,
};

/** Defines the machine of a northbound row. */
export function northboundRow(row: NorthboundRow): KindDefinition {
  return defineKind({
    kind: row.kind,
    layer: 'sdn',
    describes: row.describes,
    source: row.source,
    ignores: ['done', 'fault', 'update', 'delete', 'there', 'gone', ...(row.ignores ?? [])],
    machine: {
      initial: 'creating',
      states: {
        creating: {
          description: 'Inserted; northd and the controllers bring it into effect (hv_cfg).',
          tags: ['transient'],
          entry: request('create'),
          on: {
            done: { target: 'active', description: 'every chassis has it' },
            fault: { target: 'rejected', description: 'the database refuses it (constraint)' },
            there: THERE,
            ...ROW_EVENTS,
            ...row.on?.creating,
          },
        },
        active: {
          description: 'In effect on every chassis.',
          tags: ['stable', 'serving'],
          on: {
            update: { target: 'updating', description: 'columns of the row are changed' },
            ...ROW_EVENTS,
            ...row.on?.active,
          },
        },
        updating: {
          description: 'The change travels to the chassis; the row before is in effect until then.',
          tags: ['transient', 'serving'],
          entry: request('update'),
          on: {
            done: { target: 'active', description: 'every chassis has the change' },
            fault: { target: 'active', description: 'the change is refused; nothing changed' },
            there: THERE,
            ...ROW_EVENTS,
          },
        },
        rejected: {
          description: 'Refused by the database: it never was there.',
          tags: ['failed'],
          on: { ...ROW_EVENTS, there: THERE },
        },
        deleting: {
          description: 'Removed from the northbound database; chassis follow.',
          tags: ['transient'],
          entry: request('delete'),
          on: {
            done: GONE,
            gone: GONE,
            fault: { target: 'active', description: 'refused: something still refers to it' },
            there: THERE,
          },
        },
        deleted: {
          description: 'No longer in the database.',
          tags: ['stable'],
          on: { there: THERE },
        },
        ...row.states,
      },
    },
  });
}
