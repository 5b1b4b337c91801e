/** Texts of the overview page. */
import { type TwoLanguages, twoLanguages } from './two-languages.ts';

const english = {
  title: 'Overview',
};

export const overviewText: TwoLanguages<typeof english> = twoLanguages(english, {
  title: '개요',
});
