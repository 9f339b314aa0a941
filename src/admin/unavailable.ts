/** The admin API cannot listen where it should; the message names the setting and what to do. */
export class AdminUnavailable extends Error {
  override readonly name = 'AdminUnavailable';
}
