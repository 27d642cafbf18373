import { type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino'

export type Logger = PinoLogger

/** Secrets and personal data never reach a log line, whatever is logged. */
const redact = ['*.password', '*.token', '*.secret', '*.email', '*.authorization', '*.cookie', 'req.headers']

/** A logger for one program: JSON lines on standard error, so that standard output stays for answers. */
export const openLog = (program: string, level: string): Logger =>
  pino({ level, redact, base: { program }, timestamp: stdTimeFunctions.isoTime }, process.stderr)
