/** Decodes text as it was written: a U+FEFF at its beginning belongs to it, and is no byte order mark. */
export const TEXT = new TextDecoder('utf-8', { ignoreBOM: true });
