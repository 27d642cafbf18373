import { z } from 'zod'

import { Role } from '../services/tenants/tenant.ts'

/** Check boxes: one that is ticked comes as a text, several as a list, none as nothing. */
const roles = z.preprocess(
  (given) => (typeof given === 'string' ? [given] : given),
  z.array(Role, { error: 'choose at least one role' }).min(1, 'choose at least one role'),
)

/** What is given to add a member. */
export const NewMember = z.object({
  email: z.email().max(254),
  name: z.string().trim().min(1).max(200),
  title: z.string().trim().max(200).default(''),
  roles,
})

/** What an owner can change of a member. */
export const MemberChange = z.object({ roles })

export const NewKey = z.object({ name: z.string().trim().min(1).max(100) })
