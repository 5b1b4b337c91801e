/** Texts of the explore page. */
import { type TwoLanguages, twoLanguages } from './two-languages.ts';

const english = {
  title: 'Explore',
};

export const exploreText: TwoLanguages<typeof english> = twoLanguages(english, {
  title: '탐색',
});
