/** What came of asking for an effect: the answer, or what to tell a person. */
export type Posted<T> = { readonly answer: T } | { readonly error: string };

/** Posts to an address of this API. The browser adds the Origin that lets it in. */
export async function post<T>(address: string): Promise<Posted<T>> {
  try {
    const response = await fetch(address, { method: 'POST', headers: { accept: 'application/json' } });
    const answer = (await response.json()) as T & { readonly error?: string };
    return answer.error === undefined ? { answer } : { error: answer.error };
  } catch {
    return { error: 'the proxy did not answer' };
  }
}
