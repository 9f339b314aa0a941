/** A page of the operator's, as it was read. */
export interface PageFile {
  /** As the label names it. */
  readonly path: string;
  /** Of `Content-Type`. */
  readonly type: string;
  readonly body: Uint8Array;
}

/** What stands at a path, or why there is nothing to show. The same object as long as it does not change. */
export type PageReading =
  | { readonly page: PageFile }
  | {
      /** In a few words. */
      readonly fault: string;
      /** What to do about it; '' = that follows from the fault. */
      readonly mend: string;
      /** There is something, but not what it should be. */
      readonly isThere: boolean;
    };

/** How pages are read: by whoever may touch the disk. */
export type ReadPage = (path: string) => PageReading;

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  htm: 'text/html; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  json: 'application/json',
  xml: 'application/xml',
  svg: 'image/svg+xml',
};

/** The media type of a page by the end of its name; null for what is no page. */
export function pageType(path: string): string | null {
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(types, ending) ? (types[ending] as string) : null;
}
