/** Migration, version 3 with parameters: the client asks both hosts, step by step. */
import { procedure } from '../procedure.ts';
import { DomainRef, text, typedParams } from '../references.ts';
import { bytes, int, nothing, optional, struct, uint } from '../xdr.ts';

const COOKIE_BYTES_MAX = 4_194_304;
const PARAMS_MAX = 64;

const cookie = bytes(COOKIE_BYTES_MAX);
const params = typedParams(PARAMS_MAX);

export const MIGRATION_CALLS = {
  domain_abort_job: procedure(164, struct({ dom: DomainRef }), nothing),
  domain_migrate_begin3_params: procedure(
    302,
    struct({ dom: DomainRef, params, flags: uint }),
    struct({ cookie_out: cookie, xml: text }),
  ),
  domain_migrate_prepare3_params: procedure(
    303,
    struct({ params, cookie_in: cookie, flags: uint }),
    struct({ cookie_out: cookie, uri_out: optional(text) }),
  ),
  domain_migrate_perform3_params: procedure(
    305,
    struct({
      dom: DomainRef,
      dconnuri: optional(text),
      params,
      cookie_in: cookie,
      flags: uint,
    }),
    struct({ cookie_out: cookie }),
  ),
  domain_migrate_finish3_params: procedure(
    306,
    struct({ params, cookie_in: cookie, flags: uint, cancelled: int }),
    struct({ dom: DomainRef, cookie_out: cookie }),
  ),
  domain_migrate_confirm3_params: procedure(
    307,
    struct({ dom: DomainRef, params, cookie_in: cookie, flags: uint, cancelled: int }),
    nothing,
  ),
} as const;
