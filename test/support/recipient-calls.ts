import type { Call } from './api-scene.ts'

/** One good call of every route about recipients, as `calls` has them. */
export const recipientCalls: Record<string, Call> = {
  listRecipients: { path: () => '/v1/recipients?state=usable&role=hosting', status: 200 },
  getRecipient: { path: (s) => `/v1/recipients/${s.recipientId}`, status: 200 },
  addRecipient: {
    path: () => '/v1/recipients',
    body: () => ({ role: 'hosting', key: 'h.example', name: 'Sample Hosting', email: 'abuse@h.example' }),
    status: 201,
  },
  changeRecipient: {
    path: (s) => `/v1/recipients/${s.recipientId}`,
    body: () => ({ class: 'compliant', urlsMax: 50 }),
    status: 200,
  },
  confirmRecipient: { path: (s) => `/v1/recipients/${s.recipientId}/confirm`, status: 200 },
  pauseRecipient: {
    path: (s) => `/v1/recipients/${s.recipientId}/pause`,
    body: () => ({ why: 'Asked us to wait' }),
    status: 200,
  },
  resumeRecipient: { path: (s) => `/v1/recipients/${s.recipientId}/resume`, status: 200 },
  listHostCandidates: { path: () => '/v1/hosts/files.example/candidates', status: 200 },
  lookUpHost: { path: () => '/v1/hosts/files.example/resolve', status: 202 },
  chooseHostRecipient: {
    path: () => '/v1/hosts/files.example/choose',
    body: (s) => ({ recipientId: s.recipientId }),
    status: 200,
  },
}
