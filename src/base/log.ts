import { pino, stdTimeFunctions } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

type Write = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** The log of the proxy itself; a line is an interface: fields for machines, one sentence for people. */
export type Log = Readonly<Record<LogLevel, Write>> & {
  /** A log whose every line has these fields too. */
  child(fields: Readonly<Record<string, unknown>>): Log;
};

export interface LogOptions {
  /** 'silent' = nothing at all. */
  readonly level: LogLevel | 'silent' | string;
  /** json for machines, pretty for a terminal. */
  readonly format: 'json' | 'pretty';
  /** Where lines go; stdout by default. Written at once: the last line before a crash is the one that counts. */
  readonly write?: (line: string) => void;
}

export function createLog({ level, format, write }: LogOptions): Log {
  const out = write ?? ((line: string) => process.stdout.write(line));
  const stream = { write: format === 'json' ? out : (line: string) => out(pretty(line)) };
  const options = {
    base: null,
    level,
    messageKey: 'message',
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: levelName },
  };
  return asLog(pino(options, stream));
}

function levelName(label: string): { level: string } {
  return { level: label };
}

function asLog(logger: ReturnType<typeof pino>): Log {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => asLog(logger.child(fields)),
  };
}

const marks: Readonly<Record<string, string>> = { debug: '·', info: ' ', warn: '!', error: '✗' };

/** `12:34:56 ! message  key=value …` */
function pretty(line: string): string {
  const { time, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${String(time).slice(11, 19)} ${marks[String(level)] ?? level} ${message}${rest.length > 0 ? `  ${rest.join(' ')}` : ''}\n`;
}
