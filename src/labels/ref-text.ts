import type { Ref } from './ref.ts';

/** What stands behind a reference, or why it cannot be read, in a few words. The same object as long as it does not change. */
export type RefText = { readonly text: string } | { readonly fault: string };

/** How references are read: by whoever may touch the disk. */
export type ReadRef = (ref: Ref) => RefText;
