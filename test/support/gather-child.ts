import { gatherManifest } from '../../services/leaks/gather/gather-manifest.ts'
import type { GatherOrder } from '../../services/leaks/gather/order.ts'

/** Reads a manifest until it is done or killed: a program of its own, for the test that kills it. */
await gatherManifest(JSON.parse(process.argv[2] ?? '') as GatherOrder)
