import type { ServerHttp2Stream } from 'node:http2';
import { FlatHeaderList, type HeaderList } from '../../http/header-list.ts';
import { stripTrailers } from '../../http/hop-by-hop.ts';
import { fieldLinesMax } from '../h1/field-lines.ts';
import { isValue } from './field-section.ts';

/** What the trailers of a request may have as field lines, as in HTTP/1.1. */
const trailerBytesMax = 8 * 1024;

/**
 * The trailers of a request, from its beginning on: node tells of them when they come, which may be long before somebody wants the
 * body, as a connection to a backend takes its time.
 */
export class RequestTrailers {
  #found: HeaderList | null | 'bad' = null;

  constructor(stream: ServerHttp2Stream) {
    stream.once('trailers', (_headers: unknown, _flags: number, flat: string[]) => {
      this.#found = readTrailers(flat);
    });
  }

  /** What there is by now: null = none, 'bad' = such as cannot be passed on. */
  read(): HeaderList | null | 'bad' {
    return this.#found;
  }
}

/** What a backend could take for framing makes them bad, as does what no field line could carry. */
function readTrailers(flat: readonly string[]): HeaderList | 'bad' {
  if (flat.length > 2 * fieldLinesMax) return 'bad';
  let bytes = 0;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const value = flat[i + 1] as string;
    bytes += name.length + value.length + 4;
    if (!isValue(value) || framingNames.has(name.replaceAll('_', '-'))) return 'bad';
  }
  if (bytes > trailerBytesMax) return 'bad';
  const trailers = new FlatHeaderList(flat.slice());
  stripTrailers(trailers);
  return trailers;
}

const framingNames = new Set(['content-length', 'transfer-encoding']);
