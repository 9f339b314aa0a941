import { sizeText } from '../base/size.ts';
import { mayBeEncodedFor } from '../compress/encodable.ts';
import { chooseCoding } from '../http/accept-encoding.ts';
import type { Question } from '../routing/question.ts';
import type { CompressPolicy } from '../routing/table.ts';

/** What becomes of the body of the answer to a request. */
export function compressText({ codings, bytesMin, types }: CompressPolicy, { headers }: Question): string {
  if (!mayBeEncodedFor({ headers })) return 'nothing: the request is for a part, or forbids changes';
  const coding = chooseCoding(codings, headers.all('accept-encoding'));
  if (coding === null) return `nothing: the request does not ask for ${codings.join(' or ')}`;
  const least = bytesMin > 0 ? `${sizeText(bytesMin)} and more of ` : '';
  return `${coding} for ${least}${types.join(', ')}`;
}
