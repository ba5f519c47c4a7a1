export { SealcastPlayer } from './sealcast-player';
export type {
  AnalyticsEvent,
  DRMConfig,
  Handler,
  PlayerConfig,
  TrackedEvent,
  WatermarkConfig,
  WatermarkItem,
} from './types';
