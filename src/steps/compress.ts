import type { Clock } from '../base/clock.ts';
import { CompressingSink } from '../compress/compressing-sink.ts';
import type { Compressors } from '../compress/compressors.ts';
import { encodableOf } from '../compress/encodable.ts';
import { toEncodedHead, toHeldTag } from '../compress/encoded-head.ts';
import { MediaTypes } from '../compress/media-types.ts';
import { chooseCoding } from '../http/accept-encoding.ts';
import { addVary } from '../http/vary.ts';
import type { CompressPolicy } from '../routing/table.ts';
import type { Step } from './step.ts';

/**
 * `proxy.compress`: what a backend or the cache answers, in the coding that the client likes best. Where all compressors of the
 * worker are busy, it goes as it is.
 */
export function compress(
  { codings, bytesMin, types }: CompressPolicy,
  { compressors, clock }: { readonly compressors: Compressors; readonly clock: Clock },
): Step {
  const worthIt = { types: new MediaTypes(types), bytesMin };
  return {
    name: 'compress',
    request(context) {
      // Before other steps edit what the backend is to see of it.
      context.coding = chooseCoding(codings, context.request.headers.all('accept-encoding'));
    },
    wrap(context, head) {
      const { coding, request } = context;
      const encodable = encodableOf(head, request, worthIt);
      if (encodable === 'never') return null;
      addVary(head.headers, 'Accept-Encoding');
      if (head.status === 304) toHeldTag(head.headers, request.headers.all('if-none-match'));
      if (encodable !== 'this-request' || coding === null) return null;
      if (request.method === 'HEAD') {
        toEncodedHead(head, coding, request.method);
        return null;
      }
      const { gone } = context;
      const release = gone.aborted ? null : compressors.take();
      if (release === null) return null;
      gone.addEventListener('abort', release);
      const bytes = head.bodyLength;
      toEncodedHead(head, coding, request.method);
      return (to) => {
        const sink = new CompressingSink(to, { coding, bytes, clock, onOver: release });
        gone.addEventListener('abort', () => sink.stop());
        return sink;
      };
    },
  };
}
