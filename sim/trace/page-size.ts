import type { PageHeader } from 'hyparquet';

/** Writers make pages of about 1 MiB. */
const PAGE_BYTES_MAX = 2 ** 28;

/** How long a page is when it is decompressed; throws where that is more than any real one is. */
export function decompressedSize({ uncompressed_page_size }: PageHeader): number {
  if (uncompressed_page_size >= 0 && uncompressed_page_size <= PAGE_BYTES_MAX) {
    return uncompressed_page_size;
  }
  throw new Error(`a page of ${uncompressed_page_size} bytes`);
}
