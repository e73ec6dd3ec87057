import type { AlertKind, Mode } from '../../lib/types'
import type { IconName } from '../../ui/icons'

export const ALERT_ICON: Record<AlertKind, IconName> = {
  hot: 'hot',
  agent_wanted: 'desk',
  no_agent: 'desk',
  no_match: 'alert',
  no_input: 'mic_off',
  sensitive: 'alert',
  opt_out: 'dnc',
  degraded: 'alert',
  silence: 'mic_off',
}
export const MODE_ICON: Record<Mode, IconName> = { listen: 'listen', whisper: 'whisper', barge: 'barge', take_over: 'take_over' }
/** Keys on a card and on the call page. */
export const MODE_KEY: Record<Mode, string> = { listen: 'L', whisper: 'W', barge: 'B', take_over: 'T' }
