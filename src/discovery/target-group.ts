/** What discovery finds: targets that were found together and share labels. */
import type { Labels } from '../model/labels.ts';

export interface TargetGroup {
  /** Tells groups of one discovery apart: a later group with the same source replaces this one. */
  readonly source: string;
  /** Labels of all targets; a target's own win. */
  readonly labels: Labels;
  /** Each at least with `__address__`. */
  readonly targets: readonly Labels[];
}
