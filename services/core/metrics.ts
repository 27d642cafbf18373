import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

import type { Logger } from './log.ts'
import type { Problem } from './problem.ts'

/** What this program measures; `/metrics` prints it. */
export const registry = new Registry()
collectDefaultMetrics({ register: registry, prefix: 'earwitness_' })

const jobSeconds = new Histogram({
  name: 'earwitness_job_seconds',
  help: 'How long one attempt of a job took',
  registers: [registry],
  labelNames: ['job', 'outcome'] as const,
  buckets: [0.05, 0.2, 1, 5, 20, 60, 300],
})
const requestSeconds = new Histogram({
  name: 'earwitness_request_seconds',
  help: 'How long one HTTP request took',
  registers: [registry],
  labelNames: ['method', 'route', 'status'] as const,
  buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
})
const matches = new Counter({
  name: 'earwitness_matches_total',
  help: 'Recordings found in suspects',
  registers: [registry],
})
const mails = new Counter({
  name: 'earwitness_mails_total',
  help: 'Alert mails handed to the mail server',
  registers: [registry],
})
const swept = new Counter({
  name: 'earwitness_swept_total',
  help: 'Rows whose job the sweeper enqueued again',
  registers: [registry],
})

/**
 * One function per event: the metric, the log line and their labels are written here and nowhere else.
 * Labels stay few (no ids, no addresses); what identifies the case goes to the log only.
 */
export const events = {
  jobEnded(log: Logger, job: string, seconds: number): void {
    jobSeconds.observe({ job, outcome: 'ok' }, seconds)
    log.info({ seconds }, 'job ended')
  },
  jobFailed(log: Logger, job: string, seconds: number, problem: Problem, last: boolean): void {
    jobSeconds.observe({ job, outcome: problem.type }, seconds)
    const cause = problem.type === 'internal' ? { err: problem.cause } : { detail: problem.message }
    log[last && problem.type === 'internal' ? 'error' : 'warn'](
      { seconds, type: problem.type, last, ...cause },
      'job failed',
    )
  },
  jobPutOff(log: Logger, job: string, seconds: number, { message, waitMs }: Problem): void {
    jobSeconds.observe({ job, outcome: 'put off' }, seconds)
    log.debug({ seconds, detail: message, waitMs }, 'job put off')
  },
  requestEnded(
    log: Logger,
    request: { method: string; route: string; status: number; seconds: number },
  ): void {
    const { method, route, status, seconds } = request
    requestSeconds.observe({ method, route, status: String(status) }, seconds)
    log[status >= 500 ? 'error' : 'debug'](request, 'request ended')
  },
  matched(log: Logger, found: { itemId: string; recordings: number }): void {
    matches.inc(found.recordings)
    log.info(found, 'matched')
  },
  mailed(log: Logger, sent: { alertId: string; messageId: string }): void {
    mails.inc()
    log.info(sent, 'alert mailed')
  },
  swept(log: Logger, rows: number, poisoned: number): void {
    swept.inc(rows)
    if (rows > 0 || poisoned > 0) log.info({ rows, poisoned }, 'swept')
  },
}
