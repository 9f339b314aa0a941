/** An event of a stream (HTML Living Standard §9.2.5). @param json on one line, as JSON.stringify gives it. */
export function eventText(name: string, json: string): string {
  return `event: ${name}\ndata: ${json}\n\n`;
}
