import { northboundRow, ROW_EVENTS } from './northbound.ts';

export const acl = northboundRow({
  kind: 'acl',
  describes: 'Access rules of a network: the security group of a project on it.',
  source:
    'OVN northbound ACL and Port_Group (ovn-nb(5)); a match that does not parse is accepted and ' +
    'only logged (observed with OVN 23.03.1)',
  ignores: ['invalid'],
  on: {
    creating: {
      invalid: { target: 'invalid', description: 'the match does not parse: it is only logged' },
    },
    active: {
      invalid: { target: 'invalid', description: 'the changed match does not parse' },
    },
  },
  states: {
    invalid: {
      description: 'In the database, but its match does not parse: without effect.',
      tags: ['failed'],
      on: {
        ...ROW_EVENTS,
        update: { target: 'updating', description: 'the match is corrected' },
        there: { target: 'active', description: 'the match parses now' },
      },
    },
  },
});
