import { type Html, html } from '../../services/core/html.ts'
import type { Decision } from '../../services/matches/case.ts'
import { type IconName, icon } from '../parts/icons.ts'
import { dismissReasons } from '../parts/pills.ts'
import { timeExact } from '../parts/words.ts'

/** What was decided, in words. */
export const decisionWords: Readonly<Record<Decision['kind'], readonly [icon: IconName, text: string]>> = {
  opened: ['ear', 'Case opened by a match'],
  joined: ['ear', 'Found again at the same place'],
  confirmed: ['check', 'Confirmed'],
  dismissed: ['dash', 'Dismissed'],
  reopened: ['retry', 'Opened again for review'],
  commented: ['speech', 'Comment'],
  allowed: ['check', 'Allowed: nobody has to look'],
  monitored: ['ear', 'Only monitored: nobody has to look'],
  excluded: ['dash', 'Set aside: only excluded parts were found'],
  noticed: ['mail', 'Demanded in a notice'],
  voided: ['dash', 'Its notice no longer stands'],
  escalated: ['arrow', 'Escalated: the recipient did not remove it'],
  removed: ['check', 'Removed'],
  restored: ['retry', 'Back again'],
  closed: ['dash', 'Closed'],
  assigned: ['eye', 'Taken to look at'],
  released: ['eye', 'Given back'],
  quarantined: ['clock', 'Put in quarantine'],
  unquarantined: ['clock', 'Taken out of quarantine'],
  undone: ['back', 'Taken back'],
}

const actorName = ({ actor, actorName: name }: Decision): string => {
  if (actor === 'system') return 'Earwitness'
  return name ?? (actor.startsWith('key:') ? 'a program with an API key' : 'a former member')
}

/** One decision of a case, as its history tells it. */
export const historyItem = (decision: Decision): Html => {
  const [iconName, text] = decisionWords[decision.kind]
  return html`<li>
    <span class="history-icon">${icon(iconName)}</span>
    <div>
      <p>
        <strong>${text}</strong
        >${decision.reason && html`: ${dismissReasons[decision.reason]}`}${decision.supersedes !== null && html`: decision ${decision.supersedes}`}
        <span class="row-detail">${actorName(decision)}, ${timeExact(decision.at)}</span>
      </p>
      ${decision.comment && html`<p class="quote">${decision.comment}</p>`}
    </div>
  </li>`
}
