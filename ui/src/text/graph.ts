/** Texts of graphs, heatmaps and result tables. */
import { type TwoLanguages, twoLanguages } from './two-languages.ts';

const english = {
  title: 'Graph',
};

export const graphText: TwoLanguages<typeof english> = twoLanguages(english, {
  title: '그래프',
});
