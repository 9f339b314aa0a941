/** Linux numbers (signal(7)) whatever this process runs on: engines are Linux. */
const numbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
  RTMIN: 34,
  RTMAX: 64,
};

/** Reads `SIGTERM`, `term`, `15`, 15, `SIGRTMIN+3`; null for what is no signal. */
export function signalNumber(value: unknown): number | null {
  const text = String(typeof value === 'number' || typeof value === 'string' ? value : '').trim();
  if (/^\d{1,2}$/.test(text)) return inRange(Number(text));
  const [, name = '', offset = '0'] = /^(?:SIG)?([A-Z0-9]+?)([+-]\d{1,2})?$/.exec(text.toUpperCase()) ?? [];
  const base = Object.hasOwn(numbers, name) ? numbers[name] : undefined;
  return base === undefined ? null : inRange(base + Number(offset));
}

function inRange(number: number): number | null {
  return number >= 1 && number <= 64 ? number : null;
}
