import type { z } from 'zod';
import { type Asked, paramsReader, type VerbParams } from '../verb-params.ts';
import { libvirtFault } from './faults.ts';

/**
 * Makes the reader of a table; it throws `LIBVIRT_BAD_PARAMS`, which names each mistake. Empty text is a
 * parameter that is not given: no setting of libvirt's is meaningful when empty.
 */
export function libvirtParams(table: VerbParams) {
  const read = paramsReader(table, (what) => libvirtFault('LIBVIRT_BAD_PARAMS', what));
  return <S extends z.ZodType>(asked: Asked, schema: S): z.infer<S> => {
    const given = Object.entries(asked.params).filter(([, value]) => value !== '');
    return read({ ...asked, params: Object.fromEntries(given) }, schema);
  };
}
